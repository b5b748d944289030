/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's files: whatever is in one, it becomes a connection or an error that can be printed; and
 * what is written of the connection is read as what writes the same again. What it is for our own service has keys of its
 * role, and comes back through our formats.
 */
#include "fuzz.h"

#include "fuzz-back.h"

#include "profile/error.h"
#include "profile/formats/compat-conf.h"
#include "profile/formats/compat.h"

#include <string.h>

static void
write_and_read (NMConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ipsec_compat_conf_text (connection, &error), *second = NULL;
  g_autoptr (NMConnection) again = NULL;

  g_assert_no_error (error);
  again = ipsec_compat_conf_import_text ("/nonexistent/file", text, strlen (text), &error);
  g_assert_no_error (error);
  second = ipsec_compat_conf_text (again, &error);
  g_assert_cmpstr (text, ==, second);
}

/* As the service takes it, and nm-ipsec migrate. */
static void
translate (NMConnection *connection)
{
  g_autoptr (IpsecSetting) from = ipsec_setting_from_libnm (nm_connection_get_setting_vpn (connection));
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecSetting) to = ipsec_compat_translate (from, notes, &error);
  g_autoptr (NMConnection) ours = NULL;

  g_assert_true ((to == NULL) == (error != NULL));
  back_check_printable (error, notes);
  if (to == NULL)
    return;
  back_check_role (to);
  ours = back_connection (to);
  back_check_formats (ours);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = NULL;

  memcpy (text, data, size);
  text[size] = '\0';
  back_use_home ();
  connection = ipsec_compat_conf_import_text ("/nonexistent/file", text, size, &error);
  g_assert_true ((connection == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_true (ipsec_text_valid (error->message));
  if (connection != NULL)
    {
      write_and_read (connection);
      translate (connection);
    }
  return 0;
}
