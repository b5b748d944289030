/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the URI's meaning, and the PIN that NSS asks for by a callback: also when a key wants it for each signature. */
#include "nss-token.h"

#include "nss-cert-private.h"
#include "nss-crypto-private.h"
#include "nss-crypto.h"
#include "nss-key-private.h"
#include "nss-sign.h"

#include <pk11pub.h>
#include <pkcs11uri.h>
#include <prerror.h>
#include <secerr.h>
#include <secmod.h>

#include <string.h>

/* Which modules there are, one module for all of them. */
#define TOKEN_MODULES "library=p11-kit-proxy.so name=p11-kit-proxy"

typedef PK11URI Uri;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Uri, PK11URI_DestroyURI)
G_DEFINE_QUARK (nss_token_error, nss_token_error)

static IkeSecret *token_pin; /* NULL: none is known */
static gboolean pin_typed;
static IkeSecret *refused_pin; /* never said again */

static G_GNUC_PRINTF (3, 4) gboolean fail (GError **error, NssTokenError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL && *error == NULL)
    {
      *error = g_error_new_valist (NSS_TOKEN_ERROR, (int) code, format, args);
      /* a token may call itself as it likes */
      if (!g_utf8_validate ((*error)->message, -1, NULL))
        {
          char *text = g_utf8_make_valid ((*error)->message, -1);

          g_free ((*error)->message);
          (*error)->message = text;
        }
    }
  va_end (args);
  return FALSE;
}

/* ---- URIs ---- */

/* RFC 7512 section 2.3, as far as it names what is on a token: library, module and slot are the system's. What
 * section 2.4 puts after “?” is refused: a PIN is no part of a name. */
static Uri *
uri_parse (const char *text, GError **error)
{
  Uri *uri = strchr (text, '?') == NULL ? PK11URI_ParseURI (text) : NULL;

  if (uri == NULL)
    fail (error, NSS_TOKEN_ERROR_BAD_FILE, "“%s” is no PKCS#11 URI that can be used here.", text);
  return uri;
}

/* Has the URI nothing against a field of CK_TOKEN_INFO, which ends with blanks? */
static gboolean
field_fits (const Uri *uri, const char *attribute, const void *field, gsize len)
{
  const char *wanted = PK11URI_GetPathAttribute ((Uri *) uri, attribute);

  while (len > 0 && ((const char *) field)[len - 1] == ' ')
    len--;
  return wanted == NULL || (strlen (wanted) == len && memcmp (wanted, field, len) == 0);
}

static gboolean
token_fits (const Uri *uri, PK11SlotInfo *slot)
{
  CK_TOKEN_INFO info;

  return !PK11_IsInternal (slot) && PK11_IsPresent (slot) && PK11_GetTokenInfo (slot, &info) == SECSuccess &&
         field_fits (uri, PK11URI_PATTR_TOKEN, info.label, sizeof info.label) &&
         field_fits (uri, PK11URI_PATTR_MANUFACTURER, info.manufacturerID, sizeof info.manufacturerID) &&
         field_fits (uri, PK11URI_PATTR_MODEL, info.model, sizeof info.model) &&
         field_fits (uri, PK11URI_PATTR_SERIAL, info.serialNumber, sizeof info.serialNumber);
}

static GBytes *
attribute_read (PK11ObjectType type, gpointer object, CK_ATTRIBUTE_TYPE attribute)
{
  SECItem item = { siBuffer, NULL, 0 };
  GBytes *bytes;

  if (PK11_ReadRawAttribute (type, object, attribute, &item) != SECSuccess)
    return NULL;
  bytes = g_bytes_new (item.data, item.len);
  SECITEM_FreeItem (&item, PR_FALSE);
  return bytes;
}

static gboolean
bytes_are (GBytes *bytes, gconstpointer data, gsize len)
{
  return bytes != NULL && g_bytes_get_size (bytes) == len && memcmp (g_bytes_get_data (bytes, NULL), data, len) == 0;
}

/* @class: how the URI calls what such an object is. */
static gboolean
object_fits (const Uri *uri, const char *class, PK11ObjectType type, gpointer object)
{
  const char *name = PK11URI_GetPathAttribute ((Uri *) uri, PK11URI_PATTR_OBJECT);
  const char *kind = PK11URI_GetPathAttribute ((Uri *) uri, PK11URI_PATTR_TYPE);
  const SECItem *id = PK11URI_GetPathAttributeItem ((Uri *) uri, PK11URI_PATTR_ID);
  g_autoptr (GBytes) label = name != NULL ? attribute_read (type, object, CKA_LABEL) : NULL;
  g_autoptr (GBytes) key_id = id != NULL ? attribute_read (type, object, CKA_ID) : NULL;

  return (kind == NULL || strcmp (kind, class) == 0) && (name == NULL || bytes_are (label, name, strlen (name))) &&
         (id == NULL || bytes_are (key_id, id->data, id->len));
}

/* PK11SlotInfo, at least one. */
static GPtrArray *
tokens_find (const Uri *uri, const char *text, GError **error)
{
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func ((GDestroyNotify) PK11_FreeSlot);
  PK11SlotList *all = PK11_GetAllTokens (CKM_INVALID_MECHANISM, PR_FALSE, PR_FALSE, NULL);

  for (PK11SlotListElement *at = all != NULL ? PK11_GetFirstSafe (all) : NULL; at != NULL;
       at = PK11_GetNextSafe (all, at, PR_FALSE))
    if (token_fits (uri, at->slot))
      g_ptr_array_add (slots, PK11_ReferenceSlot (at->slot));
  if (all != NULL)
    PK11_FreeSlotList (all);
  if (slots->len > 0)
    return g_steal_pointer (&slots);
  fail (error, NSS_TOKEN_ERROR_NO_TOKEN, "No token is there for “%s”.", text);
  return NULL;
}

/* ---- the PIN ---- */

/* NSS frees it, and asks again (@retry) when it was wrong: never twice. */
static char *
on_pin (PK11SlotInfo *slot, PRBool retry, void *data)
{
  gsize len = ike_secret_len (token_pin);
  char *copy;

  if (retry)
    return NULL;
  if (PK11_ProtectedAuthenticationPath (slot)) /* it has keys of its own for that */
    return PORT_Strdup (PK11_PW_TRY);
  if (token_pin == NULL)
    return NULL;
  copy = PORT_ZAlloc (len + 1);
  if (copy != NULL && len > 0)
    memcpy (copy, ike_secret_data (token_pin), len);
  return copy;
}

/* What the token says about tries, which is never how many. */
static CK_FLAGS
token_flags (PK11SlotInfo *slot)
{
  CK_TOKEN_INFO info;

  return PK11_GetTokenInfo (slot, &info) == SECSuccess ? info.flags : 0;
}

static gboolean
is_wrong_pin (PRErrorCode code)
{
  return code == SEC_ERROR_BAD_PASSWORD || code == SEC_ERROR_INVALID_PASSWORD;
}

static gboolean
fail_pin (PK11SlotInfo *slot, PRErrorCode code, GError **error)
{
  const char *name = PK11_GetTokenName (slot);
  CK_FLAGS flags = token_flags (slot);
  g_autofree char *text = NULL;

  if (!PK11_IsPresent (slot))
    return fail (error, NSS_TOKEN_ERROR_NO_TOKEN, "The token “%s” is not there any more.", name);
  if (flags & CKF_USER_PIN_LOCKED || code == SEC_ERROR_LOCKED_PASSWORD)
    return fail (error, NSS_TOKEN_ERROR_PIN_LOCKED, "“%s”", name);
  if (flags & CKF_USER_PIN_FINAL_TRY)
    return fail (error, NSS_TOKEN_ERROR_BAD_PIN, "One try is left before the token “%s” locks itself.", name);
  if (is_wrong_pin (code) || flags & CKF_USER_PIN_COUNT_LOW)
    return fail (error, NSS_TOKEN_ERROR_BAD_PIN, "The token “%s” has refused it.", name);
  text = nss_error_text ();
  return fail (error, NSS_TOKEN_ERROR_BAD_FILE, "The token “%s” cannot be used: %s", name, text);
}

static gboolean
token_login (PK11SlotInfo *slot, GError **error)
{
  const char *name = PK11_GetTokenName (slot);
  CK_FLAGS flags;
  PRErrorCode code;

  if (!PK11_NeedLogin (slot) || PK11_IsLoggedIn (slot, NULL))
    return TRUE;
  flags = token_flags (slot);
  if (flags & CKF_USER_PIN_LOCKED)
    return fail (error, NSS_TOKEN_ERROR_PIN_LOCKED, "“%s”", name);
  if (token_pin == NULL && !PK11_ProtectedAuthenticationPath (slot))
    return fail (error, NSS_TOKEN_ERROR_NEED_PIN, "“%s”", name);
  if (token_pin != NULL && refused_pin != NULL && ike_secret_equal (token_pin, refused_pin))
    return fail (error, NSS_TOKEN_ERROR_BAD_PIN, "It is the one that the token “%s” has refused before.", name);
  if (!pin_typed && flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY) &&
      !PK11_ProtectedAuthenticationPath (slot))
    return fail (error, NSS_TOKEN_ERROR_BAD_PIN,
                 "The token “%s” has been told a wrong one, so that the one that is stored is not tried.", name);
  if (PK11_Authenticate (slot, PR_FALSE, NULL) == SECSuccess)
    return TRUE;
  code = PR_GetError ();
  if (is_wrong_pin (code))
    {
      g_clear_pointer (&refused_pin, ike_secret_free);
      refused_pin = g_steal_pointer (&token_pin);
    }
  g_clear_pointer (&token_pin, ike_secret_free); /* for this time */
  return fail_pin (slot, code, error);
}

gboolean
nss_token_start (GError **error)
{
  static SECMODModule *modules;

  if (!nss_start (error))
    return FALSE;
  if (modules == NULL)
    {
      PK11_SetPasswordFunc (on_pin);
      modules = SECMOD_LoadUserModule (TOKEN_MODULES, NULL, PR_FALSE);
    }
  if (modules != NULL && modules->loaded)
    return TRUE;
  if (modules != NULL)
    SECMOD_DestroyModule (g_steal_pointer (&modules));
  return fail (error, NSS_TOKEN_ERROR_NO_TOKEN,
               "There is no p11-kit-proxy.so, by which tokens are found: install p11-kit-modules or p11-kit.");
}

/* ---- certificates ---- */

typedef struct {
  GBytes *der, *id; /* CKA_ID, or NULL */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_bytes_unref (found->der);
  g_clear_pointer (&found->id, g_bytes_unref);
  g_free (found);
}

/* Found. @uri NULL: all. What is no certificate that can be read is passed over. */
static GPtrArray *
certificates_on (PK11SlotInfo *slot, const Uri *uri)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (found_free);
  PK11GenericObject *all = PK11_FindGenericObjects (slot, CKO_CERTIFICATE);

  for (PK11GenericObject *at = all; at != NULL && list->len < NSS_TOKEN_MAX_OBJECTS;
       at = PK11_GetNextGenericObject (at))
    {
      GBytes *der = uri == NULL || object_fits (uri, "cert", PK11_TypeGeneric, at)
                        ? attribute_read (PK11_TypeGeneric, at, CKA_VALUE)
                        : NULL;
      NssCert *cert = der != NULL ? nss_cert_new (der, NULL) : NULL;
      Found *found;

      if (cert == NULL)
        {
          g_clear_pointer (&der, g_bytes_unref);
          continue;
        }
      nss_cert_unref (cert);
      found = g_new0 (Found, 1);
      found->der = der;
      found->id = attribute_read (PK11_TypeGeneric, at, CKA_ID);
      g_ptr_array_add (list, found);
    }
  if (all != NULL)
    PK11_DestroyGenericObjects (all);
  return list;
}

GPtrArray *
nss_token_certificates (const char *text, GError **error)
{
  g_autoptr (Uri) uri = uri_parse (text, error);
  g_autoptr (GPtrArray) slots = uri != NULL ? tokens_find (uri, text, error) : NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; slots != NULL && i < slots->len; i++)
    {
      g_autoptr (GPtrArray) list = certificates_on (slots->pdata[i], uri);

      for (guint k = 0; k < list->len; k++)
        g_ptr_array_add (all, g_bytes_ref (((const Found *) list->pdata[k])->der));
    }
  if (all->len > 0)
    return g_steal_pointer (&all);
  if (slots != NULL)
    fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "There is no certificate “%s”.", text);
  return NULL;
}

/* ---- keys ---- */

typedef gboolean (*KeyWanted) (SECKEYPrivateKey *key, gconstpointer what);

static gboolean
key_fits_uri (SECKEYPrivateKey *key, gconstpointer uri)
{
  return object_fits (uri, "private", PK11_TypePrivKey, key);
}

static gboolean
key_has_id (SECKEYPrivateKey *key, gconstpointer id)
{
  g_autoptr (GBytes) own = attribute_read (PK11_TypePrivKey, key, CKA_ID);

  return own != NULL && g_bytes_equal (own, id);
}

/* The first that is wanted; the token is logged in. */
static NssKey *
key_on (PK11SlotInfo *slot, KeyWanted wanted, gconstpointer what)
{
  SECKEYPrivateKeyList *list = PK11_ListPrivKeysInSlot (slot, NULL, NULL);
  NssKey *key = NULL;
  guint n = 0;

  if (list == NULL)
    return NULL;
  for (SECKEYPrivateKeyListNode *node = PRIVKEY_LIST_HEAD (list);
       !PRIVKEY_LIST_END (node, list) && key == NULL && n++ < NSS_TOKEN_MAX_OBJECTS; node = PRIVKEY_LIST_NEXT (node))
    if (wanted (node->key, what))
      key = nss_key_new_from_nss (SECKEY_CopyPrivateKey (node->key));
  SECKEY_DestroyPrivateKeyList (list);
  return key;
}

/* By a URI of its own. */
static NssKey *
key_find (const char *text, GError **error)
{
  g_autoptr (Uri) uri = uri_parse (text, error);
  g_autoptr (GPtrArray) slots = uri != NULL ? tokens_find (uri, text, error) : NULL;
  NssKey *key;

  if (slots == NULL)
    return NULL;
  if (slots->len > 1)
    {
      fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "“%s” fits several tokens: name one with “token=” or “serial=”.", text);
      return NULL;
    }
  if (!token_login (slots->pdata[0], error))
    return NULL;
  key = key_on (slots->pdata[0], key_fits_uri, uri);
  if (key == NULL)
    fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "There is no private key “%s”.", text);
  return key;
}

static gboolean
key_is_of (const NssKey *key, GBytes *der)
{
  NssCert *cert = nss_cert_new (der, NULL);
  g_autoptr (GBytes) public_key = cert != NULL ? nss_cert_public_key (cert) : NULL;

  if (cert != NULL)
    nss_cert_unref (cert);
  return public_key != NULL && nss_key_matches (key, public_key);
}

/* ---- both ---- */

/* The one token that has a certificate which fits; when none shows one, perhaps it does so to those who are logged in. */
static PK11SlotInfo *
token_of (GPtrArray *slots, const Uri *uri, const char *text, GError **error)
{
  PK11SlotInfo *slot = NULL;

  for (guint i = 0; i < slots->len; i++)
    {
      g_autoptr (GPtrArray) list = certificates_on (slots->pdata[i], uri);

      if (list->len == 0)
        continue;
      if (slot != NULL)
        {
          fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "“%s” fits several tokens: name one with “token=” or “serial=”.",
                text);
          return NULL;
        }
      slot = slots->pdata[i];
    }
  if (slot == NULL && slots->len == 1)
    slot = slots->pdata[0];
  if (slot == NULL)
    fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "There is no certificate “%s”.", text);
  return slot;
}

static GPtrArray *
chain_of (PK11SlotInfo *slot, GBytes *own)
{
  g_autoptr (GPtrArray) list = certificates_on (slot, NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (all, g_bytes_ref (own));
  for (guint i = 0; i < list->len; i++)
    {
      const Found *found = list->pdata[i];

      if (!g_bytes_equal (found->der, own))
        g_ptr_array_add (all, g_bytes_ref (found->der));
    }
  return nss_credential_chain (all, 0);
}

/* The first of @list whose key (@key, or what has its number) can be used. */
static gboolean
pair_take (NssCredential *self, PK11SlotInfo *slot, GPtrArray *list, NssKey **key)
{
  for (guint i = 0; i < list->len; i++)
    {
      const Found *found = list->pdata[i];
      g_autoptr (NssKey) own = *key == NULL && found->id != NULL ? key_on (slot, key_has_id, found->id) : NULL;

      if ((*key == NULL && own == NULL) || !key_is_of (*key != NULL ? *key : own, found->der))
        continue;
      self->key = *key != NULL ? g_steal_pointer (key) : g_steal_pointer (&own);
      self->certificates = chain_of (slot, found->der);
      return TRUE;
    }
  return FALSE;
}

static NssCredential *
pair_find (const char *text, const char *private_key, GError **error)
{
  g_autoptr (Uri) uri = uri_parse (text, error);
  g_autoptr (GPtrArray) slots = uri != NULL ? tokens_find (uri, text, error) : NULL;
  PK11SlotInfo *slot = slots != NULL ? token_of (slots, uri, text, error) : NULL;
  g_autoptr (NssCredential) self = g_new0 (NssCredential, 1);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (NssKey) key = NULL;

  /* the PIN is that of the key's token */
  if (slot == NULL || (private_key == NULL && !token_login (slot, error)))
    return NULL;
  key = private_key != NULL ? key_find (private_key, error) : NULL;
  if (private_key != NULL && key == NULL)
    return NULL;
  list = certificates_on (slot, uri);
  if (list->len > 0 && pair_take (self, slot, list, &key))
    return g_steal_pointer (&self);
  if (list->len == 0)
    fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "There is no certificate “%s”.", text);
  else if (key != NULL)
    fail (error, NSS_TOKEN_ERROR_MISMATCH, "The private key “%s” is not that of the certificate “%s”.", private_key,
          text);
  else
    fail (error, NSS_TOKEN_ERROR_NO_OBJECT, "The token has no private key for the certificate “%s”.", text);
  return NULL;
}

static NssCredential *
lone_key_find (const char *text, GBytes *foreign, GError **error)
{
  g_autoptr (NssCredential) self = g_new0 (NssCredential, 1);

  self->key = key_find (text, error);
  if (self->key != NULL && (foreign == NULL || key_is_of (self->key, foreign)))
    return g_steal_pointer (&self);
  if (self->key != NULL)
    fail (error, NSS_TOKEN_ERROR_MISMATCH, "The private key “%s” is not that of the certificate.", text);
  return NULL;
}

NssCredential *
nss_token_credential (const char *certificate, const char *private_key, GBytes *foreign, const IkeSecret *pin,
                      gboolean typed, GError **error)
{
  NssCredential *self;

  pin_typed = typed;
  g_clear_pointer (&token_pin, ike_secret_free);
  token_pin = pin != NULL ? ike_secret_copy (pin) : NULL;
  self =
      certificate != NULL ? pair_find (certificate, private_key, error) : lone_key_find (private_key, foreign, error);
  if (self == NULL)
    g_clear_pointer (&token_pin, ike_secret_free);
  return self;
}
