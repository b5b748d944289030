/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much HTTP (RFC 9110, RFC 9112) as lists of revoked certificates and OCSP are fetched with (RFC 5280 section 8, RFC
 * 6960 appendix A): one request in the form of HTTP/1.0, so that no answer comes in chunks, and one answer. Pure.
 */
#pragma once

#include <glib.h>

#define HTTP_MAX_URL 1024
#define HTTP_MAX_HOST 255
#define HTTP_MAX_HEAD 16384

typedef struct {
  char host[HTTP_MAX_HOST + 1]; /* without brackets */
  char port[6];
  const char *path; /* into the URL; "" is "/" */
} HttpUrl;

/* FALSE: not http, a user in it, or an octet that has no place in a URL. */
gboolean http_url_parse (const char *url, HttpUrl *ret);
/* POST of an OCSP request if @body_len is not 0, else GET. */
GByteArray *http_request (const HttpUrl *url, const guint8 *body, gsize body_len);

typedef enum { HTTP_MORE, HTTP_DONE, HTTP_BAD } HttpState;
typedef struct {
  HttpState state;
  gsize body, body_len; /* DONE: where it is */
  const char *complaint; /* BAD */
} HttpAnswer;
/* What has come so far; @end: no more will come. */
HttpAnswer http_answer_parse (const guint8 *data, gsize len, gboolean end);
