/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PEM. Lines may end in LF, CR or CRLF and have spaces at both ends (RFC 4945 section 6); a block must end with the
 * label that it began with and hold nothing but base64, after optional headers (RFC 1421 section 4.6).
 */
#include "nss-pem.h"

#include "base/text.h"

#include <string.h>

#define PEM_BEGIN "-----BEGIN "
#define PEM_END "-----END "
#define PEM_DASHES "-----"
#define PEM_MAX_LABEL 64
#define PEM_LINE 48 /* octets of a line that is written: 64 characters */

typedef struct {
  const char *at;
  gsize len;
} Text;

void
nss_pem_block_free (NssPemBlock *block)
{
  g_free (block->label);
  g_free (block->cipher);
  ike_secret_free (block->data);
  g_free (block);
}

static gboolean
text_find (Text *text, const char *what, Text *ret_before)
{
  const char *found = text->len > 0 ? memmem (text->at, text->len, what, strlen (what)) : NULL;

  if (found == NULL)
    return FALSE;
  *ret_before = (Text){ text->at, (gsize) (found - text->at) };
  text->at += ret_before->len + strlen (what);
  text->len -= ret_before->len + strlen (what);
  return TRUE;
}

gboolean
nss_pem_is (GBytes *bytes)
{
  Text text = { NULL, 0 }, before;

  text.at = g_bytes_get_data (bytes, &text.len);
  return text_find (&text, PEM_BEGIN, &before);
}

/* "AES-256-CBC,0123...": the value of DEK-Info up to the end of the line. */
static gboolean
block_read_dek (NssPemBlock *block, const char *value, gsize len)
{
  const char *comma = memchr (value, ',', len);
  gsize name = comma != NULL ? (gsize) (comma - value) : 0;
  const char *hex = comma + 1;

  if (name == 0 || name > 32 || block->cipher != NULL)
    return FALSE;
  block->cipher = g_strndup (value, name);
  len -= name + 1;
  while (len > 0 && g_ascii_isspace (hex[len - 1]))
    len--;
  if (len % 2 != 0 || len / 2 > sizeof block->iv)
    return FALSE;
  for (gsize i = 0; i < len / 2; i++)
    {
      gint high = g_ascii_xdigit_value (hex[2 * i]), low = g_ascii_xdigit_value (hex[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      block->iv[i] = (guint8) (high << 4 | low);
    }
  block->iv_len = len / 2;
  return TRUE;
}

static gsize
line_length (const Text *text)
{
  gsize n = 0;

  while (n < text->len && text->at[n] != '\n' && text->at[n] != '\r')
    n++;
  return n;
}

/* Takes "Name: value" lines off the front. */
static gboolean
block_read_headers (NssPemBlock *block, Text *body)
{
  static const char dek[] = "DEK-Info:";

  for (;;)
    {
      gsize len;

      while (body->len > 0 && g_ascii_isspace (*body->at))
        {
          body->at++;
          body->len--;
        }
      len = line_length (body);
      if (len == 0 || memchr (body->at, ':', len) == NULL)
        return TRUE;
      if (len > strlen (dek) && memcmp (body->at, dek, strlen (dek)) == 0)
        {
          const char *value = body->at + strlen (dek);
          gsize rest = len - strlen (dek);

          for (; rest > 0 && *value == ' '; rest--)
            value++;
          if (!block_read_dek (block, value, rest))
            return FALSE;
        }
      body->at += len;
      body->len -= len;
    }
}

/* Base64 to block->data. Not g_base64_decode(): that passes over what is not base64. */
static gboolean
block_read_base64 (NssPemBlock *block, const Text *body)
{
  g_autoptr (IkeSecret) clean = ike_secret_new (body->len + 1);
  g_autoptr (IkeSecret) out = ike_secret_new (body->len / 4 * 3 + 3);
  char *text = (char *) ike_secret_data (clean);
  gsize n = 0, pad = 0, made;
  gint state = 0;
  guint save = 0;

  for (gsize i = 0; i < body->len; i++)
    {
      char c = body->at[i];

      if (g_ascii_isspace (c))
        continue;
      if (c == '=')
        pad++;
      else if (pad > 0 || !(g_ascii_isalnum (c) || c == '+' || c == '/'))
        return FALSE;
      text[n++] = c;
    }
  if (n == 0 || n % 4 != 0 || pad > 2)
    return FALSE;
  made = g_base64_decode_step (text, n, ike_secret_data (out), &state, &save);
  block->data = ike_secret_slice (out, 0, made);
  return TRUE;
}

/* The label after BEGIN: up to five dashes on the same line. */
static gboolean
text_read_label (Text *text, Text *ret_label)
{
  return text_find (text, PEM_DASHES, ret_label) && ret_label->len <= PEM_MAX_LABEL &&
         memchr (ret_label->at, '\n', ret_label->len) == NULL;
}

/* One block, @text stands behind BEGIN. NULL: damaged. */
static NssPemBlock *
block_read (Text *text, char **ret_label)
{
  NssPemBlock *block;
  Text label, body, end;

  if (!text_read_label (text, &label))
    return NULL;
  *ret_label = g_strndup (label.at, label.len);
  if (!text_find (text, PEM_END, &body) || !text_read_label (text, &end) || end.len != label.len ||
      memcmp (end.at, label.at, label.len) != 0)
    return NULL;
  block = g_new0 (NssPemBlock, 1);
  block->label = g_strdup (*ret_label);
  if (block_read_headers (block, &body) && block_read_base64 (block, &body))
    return block;
  nss_pem_block_free (block);
  return NULL;
}

GPtrArray *
nss_pem_parse (GBytes *bytes, char **ret_problem)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) nss_pem_block_free);
  Text text = { NULL, 0 }, before;

  text.at = g_bytes_get_data (bytes, &text.len);
  while (text_find (&text, PEM_BEGIN, &before))
    {
      g_autofree char *label = NULL;
      NssPemBlock *block = blocks->len < NSS_PEM_MAX_BLOCKS ? block_read (&text, &label) : NULL;

      if (block == NULL)
        {
          const char *name = label != NULL ? label : "last";
          g_autofree char *shown = ike_text_clean (name, strlen (name), FALSE);

          *ret_problem = blocks->len < NSS_PEM_MAX_BLOCKS ? g_strdup_printf ("its %s block is damaged", shown)
                                                          : g_strdup ("it has too many blocks");
          return NULL;
        }
      g_ptr_array_add (blocks, block);
    }
  return g_steal_pointer (&blocks);
}

char *
nss_pem_write (const char *label, GBytes *bytes)
{
  GString *out = g_string_new (NULL);
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  g_string_append_printf (out, "-----BEGIN %s-----\n", label);
  for (gsize at = 0; at < len; at += PEM_LINE)
    {
      g_autofree char *line = g_base64_encode (data + at, MIN (len - at, PEM_LINE));

      g_string_append_printf (out, "%s\n", line);
    }
  g_string_append_printf (out, "-----END %s-----\n", label);
  return g_string_free (out, FALSE);
}
