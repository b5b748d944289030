/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See tokens.h. The values are PKCS#11 URIs: RFC 7512. */
#include "config.h"

#include "editor/tokens.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <string.h>

#define SLOTS_MAX 32
#define CERTIFICATES_MAX 32 /* of one token */
#define ATTRIBUTE_MAX 256 /* octets */

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

static void
add_certificate (GPtrArray *list, CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                 const CK_TOKEN_INFO *info)
{
  CK_OBJECT_CLASS class = CKO_CERTIFICATE;
  unsigned char label[ATTRIBUTE_MAX], id[ATTRIBUTE_MAX];
  CK_ATTRIBUTE attributes[] = { { CKA_LABEL, label, sizeof label },
                                { CKA_ID, id, sizeof id },
                                { CKA_CLASS, &class, sizeof class } };
  g_autofree char *name = NULL, *token = NULL;
  KeystoreEntry *entry;

  if (module->C_GetAttributeValue (session, object, attributes, 2) != CKR_OK)
    return;
  entry = g_new0 (KeystoreEntry, 1);
  name = padded_text (label, attributes[0].ulValueLen);
  token = padded_text (info->label, sizeof info->label);
  entry->value = make_uri (info, attributes, G_N_ELEMENTS (attributes));
  entry->title = g_strdup_printf ("%s (%s)", name, token);
  entry->has_key = TRUE; /* only a PIN could tell */
  if (entry->value == NULL || !g_utf8_validate (entry->title, -1, NULL))
    keystore_entry_free (entry);
  else
    g_ptr_array_add (list, entry);
}

static void
list_token (GPtrArray *list, CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
  CK_OBJECT_CLASS class = CKO_CERTIFICATE;
  CK_ATTRIBUTE want = { CKA_CLASS, &class, sizeof class };
  CK_OBJECT_HANDLE objects[CERTIFICATES_MAX];
  CK_SESSION_HANDLE session;
  CK_TOKEN_INFO info;
  CK_ULONG n = 0;

  if (module->C_GetTokenInfo (slot, &info) != CKR_OK || is_trust_store (&info) ||
      module->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
    return;
  if (module->C_FindObjectsInit (session, &want, 1) == CKR_OK)
    {
      if (module->C_FindObjects (session, objects, G_N_ELEMENTS (objects), &n) != CKR_OK)
        n = 0;
      module->C_FindObjectsFinal (session);
    }
  for (CK_ULONG i = 0; i < n; i++)
    add_certificate (list, module, session, objects[i], &info);
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
