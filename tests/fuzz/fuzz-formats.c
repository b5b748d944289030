/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of other programs: whatever is in one, it becomes a connection that libnm accepts or an error that can be
 * printed; and what a format writes of it, it reads again. What it cannot write can be printed, too.
 */
#include "fuzz.h"

#include "profile/error.h"
#include "profile/formats/formats.h"

#include <string.h>

static void
write_and_read (NMConnection *connection)
{
  const IpsecFormat *format;

  for (guint i = 0; (format = ipsec_format_at (i)) != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *text = format->write != NULL ? format->write (connection, notes, &error) : NULL;
      g_autoptr (IpsecDraft) draft = ipsec_draft_new ("x");

      g_assert_true (format->write == NULL || (text == NULL) == (error != NULL));
      if (error != NULL)
        g_assert_true (ipsec_text_valid (error->message));
      for (guint j = 0; j < notes->len; j++)
        g_assert_true (ipsec_text_valid (notes->pdata[j]));
      if (text == NULL)
        continue;
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_true (format->sniff (text, strlen (text)));
      (void) format->read (draft, "x", text, strlen (text), &error);
      g_assert_no_error (error);
    }
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
  /* nothing is to be written below the real home, nor included from this machine */
  g_setenv ("HOME", "/nonexistent", TRUE);
  if (strstr (text, "include") != NULL)
    return 0;
  connection = ipsec_formats_import_text ("/nonexistent/file", text, size, des3, notes, &error);
  g_assert_true ((connection == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_true (ipsec_text_valid (error->message));
  for (guint i = 0; i < notes->len; i++)
    g_assert_true (ipsec_text_valid (notes->pdata[i]));
  if (connection != NULL)
    write_and_read (connection);
  return 0;
}
