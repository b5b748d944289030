/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See tokens.h. The values are PKCS#11 URIs: RFC 7512. */
#include "config.h"

#include "editor/tokens.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <string.h>

#define SLOTS_MAX 32
#define OBJECTS_MAX 32 /* of one kind on one token */
#define ATTRIBUTE_MAX 256 /* octets, as the next ones */
#define PUBLIC_MAX 2048
#define EXPONENT_MAX 8
#define ED25519_LEN 32
#define DER_OCTETS 0x04
#define POINT_UNCOMPRESSED 0x04

/* PKCS#11 pads with blanks. */
static char *
padded_text (const unsigned char *text, gsize len)
{
  return g_strchomp (g_strndup ((const char *) text, len));
}

/* The system's authorities come as a token, too; they are in no card. */
static gboolean
is_trust_store (const CK_TOKEN_INFO *info)
{
  return memcmp (info->model, "p11-kit-trust", strlen ("p11-kit-trust")) == 0;
}

static char *
make_uri (const CK_TOKEN_INFO *info, CK_ATTRIBUTE *attributes, guint n)
{
  P11KitUri *uri = p11_kit_uri_new ();
  char *text = NULL, *copy = NULL;

  memcpy (p11_kit_uri_get_token_info (uri), info, sizeof *info);
  for (guint i = 0; i < n; i++)
    p11_kit_uri_set_attribute (uri, &attributes[i]);
  if (p11_kit_uri_format (uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) == P11_KIT_URI_OK)
    copy = g_strdup (text);
  free (text);
  p11_kit_uri_free (uri);
  return copy;
}

static char *
title_of (const CK_TOKEN_INFO *info, const CK_ATTRIBUTE *label)
{
  g_autofree char *name = padded_text (label->pValue, label->ulValueLen);
  g_autofree char *token = padded_text (info->label, sizeof info->label);

  return name[0] != '\0' ? g_strdup_printf ("%s (%s)", name, token) : g_strdup (token);
}

/* What stands in the list already is not added. */
static void
take_entry (GPtrArray *list, KeystoreEntry *entry)
{
  gboolean take = entry->value != NULL && g_utf8_validate (entry->title, -1, NULL);

  for (guint i = 0; take && i < list->len; i++)
    {
      KeystoreEntry *other = list->pdata[i];

      if (strcmp (other->value, entry->value) != 0)
        continue;
      if (other->public == NULL)
        other->public = g_steal_pointer (&entry->public);
      take = FALSE;
    }
  if (take)
    g_ptr_array_add (list, entry);
  else
    keystore_entry_free (entry);
}

/* ---- what the other side is given: the forms of NssRawKey ---- */

static char *
public_text (const guint8 *octets, gsize len)
{
  g_autofree char *base64 = g_base64_encode (octets, len);

  return g_strconcat ("0s", base64, NULL);
}

/* RFC 3110 section 2 */
static char *
public_rsa (CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
  unsigned char exponent[EXPONENT_MAX], modulus[PUBLIC_MAX], octets[1 + EXPONENT_MAX + PUBLIC_MAX];
  CK_ATTRIBUTE attributes[] = { { CKA_PUBLIC_EXPONENT, exponent, sizeof exponent },
                                { CKA_MODULUS, modulus, sizeof modulus } };
  gsize e, n;

  if (module->C_GetAttributeValue (session, object, attributes, G_N_ELEMENTS (attributes)) != CKR_OK)
    return NULL;
  e = attributes[0].ulValueLen;
  n = attributes[1].ulValueLen;
  octets[0] = (unsigned char) e;
  memcpy (octets + 1, exponent, e);
  memcpy (octets + 1 + e, modulus, n);
  return public_text (octets, 1 + e + n);
}

/* The point: an octet string in DER (short, or one octet of length), an uncompressed one or Edwards's. */
static char *
public_point (CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
  unsigned char octets[PUBLIC_MAX];
  CK_ATTRIBUTE attribute = { CKA_EC_POINT, octets, sizeof octets };
  gsize len, skip;

  if (module->C_GetAttributeValue (session, object, &attribute, 1) != CKR_OK)
    return NULL;
  len = attribute.ulValueLen;
  if (len < 3 || octets[0] != DER_OCTETS)
    return NULL;
  skip = octets[1] == 0x81 ? 3 : 2;
  if (octets[1] > 0x81 || len <= skip || len - skip != octets[skip - 1])
    return NULL;
  if (len - skip != ED25519_LEN && octets[skip] == POINT_UNCOMPRESSED)
    skip++;
  return public_text (octets + skip, len - skip);
}

static char *
public_key (CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
  CK_KEY_TYPE type;
  CK_ATTRIBUTE attribute = { CKA_KEY_TYPE, &type, sizeof type };

  if (module->C_GetAttributeValue (session, object, &attribute, 1) != CKR_OK)
    return NULL;
  return type == CKK_RSA ? public_rsa (module, session, object) : public_point (module, session, object);
}

/* ---- what is on a token ---- */

/* A certificate, and the key that has its number: only a PIN could tell whether it is there. */
static void
add_object (GPtrArray *list, CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
            CK_OBJECT_CLASS class, const CK_TOKEN_INFO *info)
{
  CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
  unsigned char label[ATTRIBUTE_MAX], id[ATTRIBUTE_MAX];
  CK_ATTRIBUTE attributes[] = { { CKA_LABEL, label, sizeof label },
                                { CKA_ID, id, sizeof id },
                                { CKA_CLASS, &class, sizeof class } };
  KeystoreEntry *entry;

  if (module->C_GetAttributeValue (session, object, attributes, 2) != CKR_OK)
    return;
  if (class == CKO_CERTIFICATE)
    {
      entry = g_new0 (KeystoreEntry, 1);
      entry->value = make_uri (info, attributes, G_N_ELEMENTS (attributes));
      entry->title = title_of (info, &attributes[0]);
      entry->has_key = TRUE;
      take_entry (list, entry);
    }
  if (attributes[1].ulValueLen == 0) /* nothing says which key it is */
    return;
  entry = g_new0 (KeystoreEntry, 1);
  attributes[2].pValue = &private_key;
  entry->value = make_uri (info, &attributes[1], 2); /* its name may be another one */
  entry->title = title_of (info, &attributes[0]);
  entry->has_key = entry->is_key = TRUE;
  if (class == CKO_PUBLIC_KEY)
    entry->public = public_key (module, session, object);
  take_entry (list, entry);
}

static void
list_objects (GPtrArray *list, CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
              const CK_TOKEN_INFO *info)
{
  CK_ATTRIBUTE want = { CKA_CLASS, &class, sizeof class };
  CK_OBJECT_HANDLE objects[OBJECTS_MAX];
  CK_ULONG n = 0;

  if (module->C_FindObjectsInit (session, &want, 1) == CKR_OK)
    {
      if (module->C_FindObjects (session, objects, G_N_ELEMENTS (objects), &n) != CKR_OK)
        n = 0;
      module->C_FindObjectsFinal (session);
    }
  for (CK_ULONG i = 0; i < n; i++)
    add_object (list, module, session, objects[i], class, info);
}

static void
list_token (GPtrArray *list, CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
  CK_SESSION_HANDLE session;
  CK_TOKEN_INFO info;

  if (module->C_GetTokenInfo (slot, &info) != CKR_OK || is_trust_store (&info) ||
      module->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
    return;
  list_objects (list, module, session, CKO_CERTIFICATE, &info);
  list_objects (list, module, session, CKO_PUBLIC_KEY, &info);
  list_objects (list, module, session, CKO_PRIVATE_KEY, &info);
  module->C_CloseSession (session);
}

static void
list_tokens (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (keystore_entry_free);
  CK_FUNCTION_LIST **modules = p11_kit_modules_load_and_initialize (0);

  for (guint i = 0; modules != NULL && modules[i] != NULL && !g_cancellable_is_cancelled (cancellable); i++)
    {
      CK_SLOT_ID slots[SLOTS_MAX];
      CK_ULONG n = G_N_ELEMENTS (slots);

      if (modules[i]->C_GetSlotList (CK_TRUE, slots, &n) != CKR_OK)
        continue;
      for (CK_ULONG j = 0; j < n; j++)
        list_token (list, modules[i], slots[j]);
    }
  if (modules != NULL)
    p11_kit_modules_finalize_and_release (modules);
  g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
}

void
tokens_list_async (GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, done, data);

  g_task_run_in_thread (task, list_tokens);
}

GPtrArray *
tokens_list_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
