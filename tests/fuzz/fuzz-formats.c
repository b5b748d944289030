/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of other programs: whatever is in one, it becomes a connection that libnm accepts or an error that can be
 * printed; and what a format writes of it, it reads again. What it cannot write can be printed, too.
 */
#include "fuzz.h"

#include "fuzz-back.h"

#include "profile/error.h"

#include <string.h>

static void
check_connection (NMConnection *connection)
{
  g_autoptr (IpsecSetting) setting = ipsec_setting_from_libnm (nm_connection_get_setting_vpn (connection));
  g_autoptr (GError) error = NULL;

  g_assert_true (ipsec_text_valid (nm_connection_get_id (connection)));
  (void) nm_connection_verify (connection, &error);
  g_assert_no_error (error);
  back_check_role (setting);
  back_check_formats (connection);
}

/* Not the cipher, but what comes of it is as arbitrary. */
static gboolean
des3 (const guint8 *key, const guint8 *iv, const guint8 *octets, gsize len, guint8 *ret_text)
{
  for (gsize i = 0; i < len; i++)
    ret_text[i] = octets[i] ^ iv[i % 8];
  return len % 16 == 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = NULL;

  memcpy (text, data, size);
  text[size] = '\0';
  back_use_home ();
  /* nothing is to be included from this machine */
  if (strstr (text, "include") != NULL)
    return 0;
  connection = ipsec_formats_import_text ("/nonexistent/b\xfcro\x1b.x", text, size, des3, notes, &error);
  g_assert_true ((connection == NULL) == (error != NULL));
  back_check_printable (error, notes);
  if (connection != NULL)
    check_connection (connection);
  return 0;
}
