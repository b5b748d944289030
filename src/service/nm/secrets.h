/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The secrets of one activation: what NetworkManager gave with Connect, what it brought later, and what of it was
 * refused. Erased with the object.
 */
#pragma once

#include "nm/failure.h"
#include "profile/setting.h"

typedef enum {
  SECRET_PSK,
  SECRET_PASSWORD,
  SECRET_OTP,
  SECRET_KEY_PASSWORD,
  SECRET_NSS_PASSWORD,
  SECRET_PIN,
  SECRET_PPK,
  SECRET_N
} SecretName;

/* How often a user is asked in one activation before it fails. */
#define SECRETS_MAX_ASKS 3

typedef struct _Secrets Secrets;

/* NULL: a pre-shared key is not what its prefix says (0x, 0s); the text does not quote it. */
Secrets *secrets_new (const IpsecSetting *setting, GError **error);
void secrets_free (Secrets *self);

/* Takes over what @setting has of the secret; an older value is forgotten. FALSE: it has none, or a malformed one. */
gboolean secrets_renew (Secrets *self, SecretName name, const IpsecSetting *setting);
/* The caller's copy; NULL: not there, or refused before. A one-time code can be taken once. */
IkeSecret *secrets_take (Secrets *self, SecretName name);
/* Has somebody typed it in this activation? Else it may have been kept for long. */
gboolean secrets_is_typed (const Secrets *self, SecretName name);
/* Erases it: the gateway did not like it, or it has done what it was for. */
void secrets_refuse (Secrets *self, SecretName name);

/* The name in vpn.secrets, which is the hint in SecretsRequired. */
const char *secret_name (SecretName name);
/* Which one answers the engine's question: a profile without one-time codes answers for them with the password. */
SecretName secret_of_kind (IkeSecretKind kind, const IpsecProfile *profile);
/* What a refused user should be asked for before a method has asked for anything; SECRET_N: nothing. */
SecretName secret_of_eap (const IpsecProfile *profile);
/* Does it open a private key? Then it is for the helper, not for the gateway. */
gboolean secret_opens_key (SecretName name);
/* What to say when asking for it. */
FailureAsk secret_ask (SecretName name, gboolean again);

/* NeedSecrets: is one missing that the user has to give? FALSE for a profile that is wrong: Connect says what is. */
gboolean secrets_needed (const IpsecSetting *setting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secrets, secrets_free)
