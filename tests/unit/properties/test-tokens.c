/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-tokens: a certificate and public keys that are put on a software token (SoftHSM) are found again without a PIN, as
 * PKCS#11 URIs: of the certificate, and of the private keys that belong to them.
 */
#include "config.h"

#include "editor/tokens.h"

#include <glib/gstdio.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <string.h>

static char *dir;

static void
make_token (void)
{
  g_autofree char *conf = g_build_filename (dir, "softhsm2.conf", NULL);
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s\nobjectstore.backend = file\n", dir);
  const char *argv[] = { "softhsm2-util", "--init-token", "--free",   "--label", "Card, of Alice",
                         "--pin",         "1234",         "--so-pin", "5678",    NULL };
  int status;

  g_assert_true (g_file_set_contents (conf, text, -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                               NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
put_object (CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_ATTRIBUTE *attributes, CK_ULONG n)
{
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE object;

  g_assert_cmpuint (module->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session), ==,
                    CKR_OK);
  g_assert_cmpuint (module->C_Login (session, CKU_USER, (unsigned char *) "1234", 4), ==, CKR_OK);
  g_assert_cmpuint (module->C_CreateObject (session, attributes, n, &object), ==, CKR_OK);
  module->C_CloseSession (session);
}

static void
put_certificate (CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
  CK_OBJECT_CLASS class = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE type = CKC_X_509;
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  unsigned char octets[] = { 0x30, 0x00 }, id[] = { 0x07, 0xff };
  CK_ATTRIBUTE attributes[] = {
    { CKA_CLASS, &class, sizeof class }, { CKA_CERTIFICATE_TYPE, &type, sizeof type },
    { CKA_TOKEN, &yes, sizeof yes },     { CKA_PRIVATE, &no, sizeof no },
    { CKA_LABEL, "alice", 5 },           { CKA_ID, id, sizeof id },
    { CKA_SUBJECT, octets, 2 },          { CKA_VALUE, octets, 2 },
  };

  put_object (module, slot, attributes, G_N_ELEMENTS (attributes));
}

static void
put_public_key (CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_KEY_TYPE type, unsigned char id, const char *label,
                const CK_ATTRIBUTE *parts)
{
  CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  CK_ATTRIBUTE attributes[] = {
    { CKA_CLASS, &class, sizeof class },
    { CKA_KEY_TYPE, &type, sizeof type },
    { CKA_TOKEN, &yes, sizeof yes },
    { CKA_PRIVATE, &no, sizeof no },
    { CKA_ID, &id, sizeof id },
    { CKA_LABEL, (void *) label, strlen (label) },
    parts[0],
    parts[1],
  };

  put_object (module, slot, attributes, G_N_ELEMENTS (attributes));
}

static void
put_public_keys (CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
  static unsigned char exponent[] = { 1, 0, 1 }, modulus[256] = { 0xc3, [255] = 0x11 };
  static unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
  static unsigned char point[67] = { 0x04, 0x41, 0x04, 0xaa, [66] = 0x22 };
  static const CK_ATTRIBUTE rsa[] = { { CKA_PUBLIC_EXPONENT, exponent, sizeof exponent },
                                      { CKA_MODULUS, modulus, sizeof modulus } };
  static const CK_ATTRIBUTE ec[] = { { CKA_EC_PARAMS, p256, sizeof p256 }, { CKA_EC_POINT, point, sizeof point } };

  put_public_key (module, slot, CKK_RSA, 0x08, "rsa", rsa);
  put_public_key (module, slot, CKK_EC, 0x09, "", ec);
}

/* FALSE: there is no SoftHSM among the modules of this machine. */
static gboolean
fill_token (void)
{
  CK_FUNCTION_LIST **modules = p11_kit_modules_load_and_initialize (0);
  gboolean found = FALSE;

  for (guint i = 0; modules != NULL && modules[i] != NULL; i++)
    {
      CK_SLOT_ID slots[8];
      CK_ULONG n = G_N_ELEMENTS (slots);

      if (modules[i]->C_GetSlotList (CK_TRUE, slots, &n) != CKR_OK)
        continue;
      for (CK_ULONG j = 0; j < n && !found; j++)
        {
          CK_TOKEN_INFO info;

          found =
              modules[i]->C_GetTokenInfo (slots[j], &info) == CKR_OK && memcmp (info.label, "Card, of Alice", 14) == 0;
          if (!found)
            continue;
          put_certificate (modules[i], slots[j]);
          put_public_keys (modules[i], slots[j]);
        }
    }
  if (modules != NULL)
    p11_kit_modules_finalize_and_release (modules);
  return found;
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GPtrArray **) data = tokens_list_finish (result);
}

static void
check_entry (const KeystoreEntry *entry, const char *title, gboolean is_key, gsize id_len)
{
  P11KitUri *uri = p11_kit_uri_new ();
  CK_ATTRIBUTE *attribute;

  g_assert_cmpstr (entry->title, ==, title);
  g_assert_true (g_str_has_prefix (entry->value, "pkcs11:"));
  g_assert_null (strchr (entry->value, ' '));
  g_assert_cmpint (p11_kit_uri_parse (entry->value, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, uri), ==, P11_KIT_URI_OK);
  attribute = p11_kit_uri_get_attribute (uri, CKA_ID);
  g_assert_nonnull (attribute);
  g_assert_cmpuint (attribute->ulValueLen, ==, id_len);
  attribute = p11_kit_uri_get_attribute (uri, CKA_CLASS);
  g_assert_nonnull (attribute);
  g_assert_cmpuint (*(CK_OBJECT_CLASS *) attribute->pValue, ==, is_key ? CKO_PRIVATE_KEY : CKO_CERTIFICATE);
  g_assert_cmpint (entry->is_key, ==, is_key);
  g_assert_true (entry->has_key);
  p11_kit_uri_free (uri);
}

static const KeystoreEntry *
find_key (GPtrArray *list, const char *title)
{
  for (guint i = 0; i < list->len; i++)
    {
      const KeystoreEntry *entry = list->pdata[i];

      if (entry->is_key && strcmp (entry->title, title) == 0)
        return entry;
    }
  return NULL;
}

static void
check_public (const KeystoreEntry *entry, gsize len, guint8 first, guint8 last)
{
  g_autofree guint8 *octets = NULL;
  gsize n;

  g_assert_true (g_str_has_prefix (entry->public, "0s"));
  octets = g_base64_decode (entry->public + 2, &n);
  g_assert_cmpuint (n, ==, len);
  g_assert_cmpuint (octets[0], ==, first);
  g_assert_cmpuint (octets[n - 1], ==, last);
}

static void
test_list (void)
{
  g_autoptr (GPtrArray) list = NULL;

  tokens_list_async (NULL, on_done, &list);
  while (list == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (list->len, ==, 4);
  check_entry (list->pdata[0], "alice (Card, of Alice)", FALSE, 2);
  check_entry (list->pdata[1], "alice (Card, of Alice)", TRUE, 2);
  g_assert_null (((const KeystoreEntry *) list->pdata[1])->public);
  check_entry (find_key (list, "rsa (Card, of Alice)"), "rsa (Card, of Alice)", TRUE, 1);
  check_public (find_key (list, "rsa (Card, of Alice)"), 1 + 3 + 256, 3, 0x11);
  /* without a name; the point without what says that it is not compressed */
  check_entry (find_key (list, "Card, of Alice"), "Card, of Alice", TRUE, 1);
  check_public (find_key (list, "Card, of Alice"), 64, 0xaa, 0x22);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GPtrArray *list = (GPtrArray *) &list;

  g_cancellable_cancel (cancellable);
  tokens_list_async (cancellable, on_done, &list);
  while (list == (GPtrArray *) &list)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (list);
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_find_program_in_path ("softhsm2-util");
  const char *rm[] = { "rm", "-rf", NULL, NULL };
  int rc;

  g_test_init (&argc, &argv, NULL);
  if (program == NULL)
    return 77;
  dir = g_dir_make_tmp ("ipsec-tokens-XXXXXX", NULL);
  make_token ();
  if (fill_token ())
    {
      g_test_add_func ("/tokens/list", test_list);
      g_test_add_func ("/tokens/cancelled", test_cancelled);
      rc = g_test_run ();
    }
  else
    rc = 77;
  rm[2] = dir;
  g_spawn_sync (NULL, (char **) rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  return rc;
}
