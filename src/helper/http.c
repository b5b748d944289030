/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict where it costs nothing: what is not plainly an answer with a body of known length is none. */
#include "http.h"

#include <string.h>

#define SCHEME "http://"
#define MAX_PORT 65535

/* ---- the request ---- */

static gboolean
take_port (const char *text, gsize len, HttpUrl *ret)
{
  guint value = 0;

  if (len > 5)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      value = value * 10 + (guint) (text[i] - '0');
    }
  g_snprintf (ret->port, sizeof ret->port, "%u", len > 0 ? MIN (value, MAX_PORT) : 80);
  return value <= MAX_PORT && (len == 0 || value > 0);
}

gboolean
http_url_parse (const char *url, HttpUrl *ret)
{
  const char *host, *end, *port;
  gsize authority;

  if (strlen (url) > HTTP_MAX_URL || g_ascii_strncasecmp (url, SCHEME, strlen (SCHEME)) != 0)
    return FALSE;
  for (const char *c = url; *c; c++)
    if (!g_ascii_isgraph (*c) || strchr ("\"<>\\^`{}|#", *c))
      return FALSE;
  host = url + strlen (SCHEME);
  authority = strcspn (host, "/?");
  ret->path = host + authority;
  if (memchr (host, '@', authority) || *ret->path == '?')
    return FALSE;
  if (*host == '[')
    {
      host++;
      end = memchr (host, ']', authority - 1);
      port = end ? end + 1 : NULL;
    }
  else
    {
      end = memchr (host, ':', authority);
      port = end = end ? end : ret->path;
    }
  if (!end || end == host || end - host > HTTP_MAX_HOST || (port != ret->path && *port != ':'))
    return FALSE;
  memcpy (ret->host, host, (gsize) (end - host));
  ret->host[end - host] = 0;
  port += port != ret->path;
  return take_port (port, (gsize) (ret->path - port), ret);
}

GByteArray *
http_request (const HttpUrl *url, const guint8 *body, gsize body_len)
{
  gboolean brackets = strchr (url->host, ':') != NULL, standard = strcmp (url->port, "80") == 0;
  g_autoptr (GString) head = g_string_new (NULL);
  GByteArray *request = g_byte_array_new ();

  g_string_append_printf (head, "%s %s HTTP/1.0\r\n", body_len > 0 ? "POST" : "GET", *url->path ? url->path : "/");
  g_string_append_printf (head, "Host: %s%s%s%s%s\r\n", brackets ? "[" : "", url->host, brackets ? "]" : "",
                          standard ? "" : ":", standard ? "" : url->port);
  g_string_append (head, "Connection: close\r\n");
  if (body_len > 0)
    g_string_append_printf (head, "Content-Type: application/ocsp-request\r\nContent-Length: %zu\r\n", body_len);
  g_string_append (head, "\r\n");
  g_byte_array_append (request, (const guint8 *) head->str, (guint) head->len);
  if (body_len > 0)
    g_byte_array_append (request, body, (guint) body_len);
  return request;
}

/* ---- the answer ---- */

typedef struct {
  gboolean has_length;
  gsize length;
  const char *complaint;
} Head;

/* The line at @data without its end; NULL: it has not come yet. */
static const guint8 *
line_end (const guint8 *data, gsize len, gsize *ret_len)
{
  const guint8 *lf = len > 0 ? memchr (data, '\n', len) : NULL;

  if (!lf)
    return NULL;
  *ret_len = (gsize) (lf - data);
  if (*ret_len > 0 && lf[-1] == '\r')
    (*ret_len)--;
  return lf + 1;
}

static gboolean
status_is_good (const guint8 *line, gsize len)
{
  static const char begin[] = "HTTP/1.";

  return len >= 12 && memcmp (line, begin, strlen (begin)) == 0 && g_ascii_isdigit (line[7]) &&
         memcmp (line + 8, " 200", 4) == 0 && (len == 12 || line[12] == ' ');
}

static gboolean
field_is (const guint8 *line, gsize colon, const char *name)
{
  return colon == strlen (name) && g_ascii_strncasecmp ((const char *) line, name, colon) == 0;
}

static void
read_length (Head *head, const guint8 *value, gsize len)
{
  gsize length = 0;

  while (len > 0 && (value[0] == ' ' || value[0] == '\t'))
    value++, len--;
  while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
    len--;
  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isdigit (value[i]) || i == 9)
        len = 0;
      else
        length = length * 10 + (gsize) (value[i] - '0');
    }
  if (len == 0 || head->has_length)
    head->complaint = "its length makes no sense";
  head->has_length = TRUE;
  head->length = length;
}

static void
read_field (Head *head, const guint8 *line, gsize len)
{
  const guint8 *at = memchr (line, ':', len);
  gsize colon = at ? (gsize) (at - line) : 0;

  if (colon == 0)
    head->complaint = "its head is malformed";
  else if (field_is (line, colon, "content-length"))
    read_length (head, at + 1, len - colon - 1);
  else if (field_is (line, colon, "transfer-encoding") || field_is (line, colon, "content-encoding"))
    head->complaint = "it is in an encoding that was not asked for";
}

static HttpAnswer
bad (const char *complaint)
{
  return (HttpAnswer){ .state = HTTP_BAD, .complaint = complaint };
}

/* All lines are there: *ret_body is where they end. */
static gboolean
read_head (const guint8 *data, gsize len, Head *head, gsize *ret_body)
{
  gsize line_len = 0;
  const guint8 *line = data, *next = line_end (data, len, &line_len);

  if (next && !status_is_good (line, line_len))
    head->complaint = "the server refuses";
  while (next && !head->complaint)
    {
      line = next;
      next = line_end (line, len - (gsize) (line - data), &line_len);
      if (next && line_len == 0)
        {
          *ret_body = (gsize) (next - data);
          return TRUE;
        }
      if (next)
        read_field (head, line, line_len);
    }
  return FALSE;
}

HttpAnswer
http_answer_parse (const guint8 *data, gsize len, gboolean end)
{
  Head head = { 0 };
  gsize body = 0;

  if (!read_head (data, MIN (len, HTTP_MAX_HEAD), &head, &body))
    {
      if (head.complaint)
        return bad (head.complaint);
      if (len >= HTTP_MAX_HEAD)
        return bad ("its head is too long");
      return end ? bad ("it broke off") : (HttpAnswer){ HTTP_MORE };
    }
  if (head.has_length && len - body >= head.length)
    return (HttpAnswer){ .state = HTTP_DONE, .body = body, .body_len = head.length };
  if (!end)
    return (HttpAnswer){ HTTP_MORE };
  return head.has_length ? bad ("it broke off")
                         : (HttpAnswer){ .state = HTTP_DONE, .body = body, .body_len = len - body };
}
