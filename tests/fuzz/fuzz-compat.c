/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's files: whatever is in one, it becomes a connection or an error that can be printed; and what is
 * written of the connection is read as what writes the same again.
 */
#include "fuzz.h"

#include "profile/error.h"
#include "profile/formats/compat-conf.h"

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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMConnection) connection = NULL;

  memcpy (text, data, size);
  text[size] = '\0';
  connection = ipsec_compat_conf_import_text ("/nonexistent/file", text, size, &error);
  g_assert_true ((connection == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_true (ipsec_text_valid (error->message));
  if (connection != NULL)
    write_and_read (connection);
  return 0;
}
