/* SPDX-License-Identifier: GPL-2.0-or-later */
/* token-put TOKEN PIN ID LABEL FILE - puts the first certificate of a file on a token, with its number (hexadecimal) and
 * its name, as a card's maker would. */
#include "nss-token.h"

#include <pk11pub.h>

#include <stdlib.h>
#include <string.h>

static PK11SlotInfo *
token_named (const char *name)
{
  PK11SlotList *all = PK11_GetAllTokens (CKM_INVALID_MECHANISM, PR_TRUE, PR_FALSE, NULL);
  PK11SlotInfo *slot = NULL;

  for (PK11SlotListElement *at = all ? PK11_GetFirstSafe (all) : NULL; at; at = PK11_GetNextSafe (all, at, PR_FALSE))
    if (!slot && strcmp (PK11_GetTokenName (at->slot), name) == 0)
      slot = PK11_ReferenceSlot (at->slot);
  if (all)
    PK11_FreeSlotList (all);
  if (!slot)
    g_error ("there is no token “%s”", name);
  return slot;
}

static void
put (PK11SlotInfo *slot, const char *id, const char *label, GBytes *der)
{
  CK_OBJECT_CLASS class = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE type = CKC_X_509;
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  guint8 number = (guint8) strtoul (id, NULL, 16), subject[] = { 0x30, 0x00 };
  CK_ATTRIBUTE attributes[] = {
    { CKA_CLASS, &class, sizeof class },
    { CKA_CERTIFICATE_TYPE, &type, sizeof type },
    { CKA_TOKEN, &yes, sizeof yes },
    { CKA_PRIVATE, &no, sizeof no },
    { CKA_LABEL, (void *) label, strlen (label) },
    { CKA_ID, &number, sizeof number },
    { CKA_SUBJECT, subject, sizeof subject },
    { CKA_VALUE, (void *) g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
  };
  PK11GenericObject *object = PK11_CreateManagedGenericObject (slot, attributes, G_N_ELEMENTS (attributes), PR_TRUE);

  if (!object)
    g_error ("%s: the token does not take it", label);
  PK11_DestroyGenericObject (object);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) certificates = NULL;
  g_autofree char *octets = NULL;
  gsize len;
  NssFile file = { .name = argc == 6 ? argv[5] : "" };
  PK11SlotInfo *slot;

  if (argc != 6 || !g_file_get_contents (argv[5], &octets, &len, &error) || !nss_token_start (&error))
    g_error ("%s", error ? error->message : "token-put TOKEN PIN ID LABEL FILE");
  file.bytes = g_bytes_new_static (octets, len);
  certificates = nss_certificates_load (&file, &error);
  if (!certificates)
    g_error ("%s", error->message);
  slot = token_named (argv[1]);
  if (PK11_CheckUserPassword (slot, argv[2]) != SECSuccess)
    g_error ("the PIN is wrong");
  put (slot, argv[3], argv[4], certificates->pdata[0]);
  PK11_FreeSlot (slot);
  g_bytes_unref (file.bytes);
  return 0;
}
