/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a web server answers, whole and without its end; and, the same octets, a URL out of a certificate. */
#include "fuzz.h"
#include "http.h"

#include <string.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

static void
check_answer (const uint8_t *data, size_t size, gboolean end)
{
  HttpAnswer answer = http_answer_parse (data, size, end);

  g_assert_true (!end || answer.state != HTTP_MORE);
  g_assert_true ((answer.state == HTTP_BAD) == (answer.complaint != NULL));
  if (answer.state == HTTP_DONE)
    g_assert_true (answer.body <= size && answer.body_len <= size - answer.body);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  HttpUrl url;

  check_answer (data, size, FALSE);
  check_answer (data, size, TRUE);
  if (http_url_parse (text, &url))
    {
      g_autoptr (GByteArray) request = http_request (&url, NULL, 0);

      /* a URL never becomes a line of its own */
      g_assert_cmpuint (request->len, <, HTTP_MAX_URL + HTTP_MAX_HOST + 100);
      g_assert_true (*url.host && strlen (url.port) > 0);
      for (guint i = 0, lines = 0; i < request->len; i++)
        g_assert_true ((lines += request->data[i] == '\n') <= 4);
    }
  return 0;
}
