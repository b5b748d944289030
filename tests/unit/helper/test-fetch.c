/* SPDX-License-Identifier: GPL-2.0-or-later */
/* URLs, requests, answers whole and in pieces; and fetching from a small responder on this machine. */
#include "fetch.h"
#include "files.h"
#include "http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- addresses ---- */

static void
test_urls (void)
{
  static const struct {
    const char *url, *host, *port, *path; /* host NULL: refused */
  } rows[] = {
    { "http://a.example/x.crl", "a.example", "80", "/x.crl" },
    { "HTTP://a.example", "a.example", "80", "" },
    { "http://a.example:8080/a?b=c%20d", "a.example", "8080", "/a?b=c%20d" },
    { "http://[2001:db8::1]:81/", "2001:db8::1", "81", "/" },
    { "http://[2001:db8::1]", "2001:db8::1", "80", "" },
    { "http://192.0.2.1:/", "192.0.2.1", "80", "/" },
    { "https://a.example/", NULL, NULL, NULL },
    { "ldap://a.example/", NULL, NULL, NULL },
    { "file:///etc/shadow", NULL, NULL, NULL },
    { "http://", NULL, NULL, NULL },
    { "http:///x", NULL, NULL, NULL },
    { "http://user@a.example/", NULL, NULL, NULL },
    { "http://a.example:0/", NULL, NULL, NULL },
    { "http://a.example:65536/", NULL, NULL, NULL },
    { "http://a.example:8a/", NULL, NULL, NULL },
    { "http://a.example/ x", NULL, NULL, NULL },
    { "http://a.example/\r\nHost: b", NULL, NULL, NULL },
    { "http://a.example/\xc3\xa4", NULL, NULL, NULL },
    { "http://a.example/#f", NULL, NULL, NULL },
    { "http://a.example?x", NULL, NULL, NULL },
    { "http://[2001:db8::1", NULL, NULL, NULL },
    { "http://[]/", NULL, NULL, NULL },
    { "http://[::1]x/", NULL, NULL, NULL },
    { "", NULL, NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      HttpUrl url;
      gboolean good = http_url_parse (rows[i].url, &url);

      g_test_message ("%s", rows[i].url);
      g_assert_cmpint (good, ==, rows[i].host != NULL);
      if (!good)
        continue;
      g_assert_cmpstr (url.host, ==, rows[i].host);
      g_assert_cmpstr (url.port, ==, rows[i].port);
      g_assert_cmpstr (url.path, ==, rows[i].path);
    }
}

static void
assert_request (const char *text, const char *body, const char *wanted)
{
  g_autoptr (GByteArray) request = NULL;
  HttpUrl url;

  g_assert_true (http_url_parse (text, &url));
  request = http_request (&url, (const guint8 *) body, strlen (body));
  g_assert_cmpmem (request->data, request->len, wanted, strlen (wanted));
}

static void
test_requests (void)
{
  assert_request ("http://a.example", "", "GET / HTTP/1.0\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  assert_request ("http://[2001:db8::1]:81/x?y", "",
                  "GET /x?y HTTP/1.0\r\nHost: [2001:db8::1]:81\r\nConnection: close\r\n\r\n");
  assert_request ("http://a.example/o", "abc",
                  "POST /o HTTP/1.0\r\nHost: a.example\r\nConnection: close\r\n"
                  "Content-Type: application/ocsp-request\r\nContent-Length: 3\r\n\r\nabc");
}

/* ---- answers ---- */

static const struct {
  const char *answer, *body, *complaint; /* both NULL: it is not whole */
} answers[] = {
  { "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", NULL },
  { "HTTP/1.1 200\r\ncontent-length:\t3 \r\nX: y\r\n\r\nabcd", "abc", NULL },
  { "HTTP/1.1 200 OK\nServer: x\n\nabc", "abc", NULL },
  { "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nabc", NULL, "it broke off" },
  { "HTTP/1.0 200 OK\r\nContent-Le", NULL, "it broke off" },
  { "", NULL, "it broke off" },
  { "HTTP/1.0 404 Not Found\r\n\r\nabc", NULL, "the server refuses" },
  { "HTTP/1.0 302 Found\r\nLocation: http://b/\r\n\r\n", NULL, "the server refuses" },
  { "HTTP/1.0 2000 OK\r\n\r\nabc", NULL, "the server refuses" },
  { "ICY 200 OK\r\n\r\nabc", NULL, "the server refuses" },
  { "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", NULL, "its length makes no sense" },
  { "HTTP/1.0 200 OK\r\nContent-Length: -3\r\n\r\nabc", NULL, "its length makes no sense" },
  { "HTTP/1.0 200 OK\r\nContent-Length: 9999999999\r\n\r\nabc", NULL, "its length makes no sense" },
  { "HTTP/1.0 200 OK\r\nContent-Length:\r\n\r\nabc", NULL, "its length makes no sense" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NULL,
    "it is in an encoding that was not asked for" },
  { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nabc", NULL, "it is in an encoding that was not asked for" },
  { "HTTP/1.0 200 OK\r\nno colon\r\n\r\nabc", NULL, "its head is malformed" },
  { "HTTP/1.0 200 OK\r\n: x\r\n\r\nabc", NULL, "its head is malformed" },
};

static void
test_answers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const guint8 *data = (const guint8 *) answers[i].answer;
      gsize len = strlen (answers[i].answer);
      HttpAnswer answer = http_answer_parse (data, len, TRUE);

      g_test_message ("%s", answers[i].answer);
      g_assert_cmpint (answer.state, ==, answers[i].body ? HTTP_DONE : HTTP_BAD);
      g_assert_cmpstr (answer.complaint, ==, answers[i].complaint);
      if (answers[i].body)
        g_assert_cmpmem (data + answer.body, answer.body_len, answers[i].body, strlen (answers[i].body));
      /* in pieces it comes to the same, and never to more than is there */
      for (gsize n = 0; n < len; n++)
        {
          HttpAnswer part = http_answer_parse (data, n, FALSE);

          g_assert_true (part.state != HTTP_DONE || part.body + part.body_len <= n);
          g_assert_true (part.state != HTTP_BAD || answers[i].complaint);
        }
    }
}

static void
test_long_head (void)
{
  g_autoptr (GString) text = g_string_new ("HTTP/1.0 200 OK\r\n");
  HttpAnswer answer;

  while (text->len < HTTP_MAX_HEAD)
    g_string_append (text, "X: y\r\n");
  answer = http_answer_parse ((const guint8 *) text->str, text->len, FALSE);
  g_assert_cmpint (answer.state, ==, HTTP_BAD);
  g_assert_cmpstr (answer.complaint, ==, "its head is too long");
}

/* ---- with a responder ---- */

typedef struct {
  int fd;
  guint16 port;
  GByteArray *answer;
  GString *heard;
  GThread *thread;
} Responder;

/* One client: it is heard until its request is whole, and answered octet by octet at first. */
static gpointer
responder_main (gpointer data)
{
  Responder *self = data;
  int fd = accept4 (self->fd, NULL, NULL, SOCK_CLOEXEC);
  char text[512];
  gssize n;

  while (!g_str_has_suffix (self->heard->str, "\r\n\r\n") && !g_str_has_suffix (self->heard->str, "\r\n\r\nask") &&
         (n = recv (fd, text, sizeof text, 0)) > 0)
    g_string_append_len (self->heard, text, n);
  for (gsize at = 0; at < self->answer->len;)
    {
      n = send (fd, self->answer->data + at, at < 64 ? 1 : self->answer->len - at, MSG_NOSIGNAL);
      if (n <= 0)
        break;
      at += (gsize) n;
    }
  close (fd);
  return NULL;
}

static void
responder_start (Responder *self, const char *head, gsize body)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof address;

  self->answer = g_byte_array_new ();
  g_byte_array_append (self->answer, (const guint8 *) head, (guint) strlen (head));
  for (gsize i = 0; i < body; i++)
    g_byte_array_append (self->answer, (const guint8 *) "x", 1);
  self->heard = g_string_new (NULL);
  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self->fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (self->fd, 1), ==, 0);
  g_assert_cmpint (getsockname (self->fd, (struct sockaddr *) &address, &len), ==, 0);
  self->port = ntohs (address.sin_port);
  self->thread = g_thread_new ("responder", responder_main, self);
}

static void
responder_stop (Responder *self)
{
  g_thread_join (self->thread);
  close (self->fd);
  g_byte_array_unref (self->answer);
  g_string_free (self->heard, TRUE);
}

/* @wanted: octets of the body, 0: refused with @complaint. */
static void
fetch_one (const char *head, gsize body, const char *ask, gsize wanted, const char *complaint)
{
  Responder responder = { 0 };
  g_autofree char *url = NULL, *text = NULL;
  guint32 len = 0;
  int fd;

  responder_start (&responder, head, body);
  url = g_strdup_printf ("http://127.0.0.1:%u/list", responder.port);
  fd = fetch_run (url, (ChannelBlob){ (const guint8 *) ask, strlen (ask) }, 0, TRUE, &len, &text);
  g_assert_cmpstr (text, ==, complaint);
  g_assert_cmpint (fd >= 0, ==, wanted > 0);
  if (fd >= 0)
    {
      g_autofree guint8 *octets = g_malloc (wanted + 1);

      g_assert_cmpuint (len, ==, wanted);
      g_assert_true (files_is_sealed (fd));
      g_assert_cmpint (pread (fd, octets, wanted + 1, 0), ==, wanted);
      g_assert_cmpint (octets[wanted - 1], ==, 'x');
      close (fd);
    }
  g_assert_true (g_str_has_prefix (responder.heard->str, *ask ? "POST /list HTTP/1.0\r\n" : "GET /list HTTP/1.0\r\n"));
  g_assert_true (g_str_has_suffix (responder.heard->str, ask));
  responder_stop (&responder);
}

static void
test_fetch (void)
{
  fetch_one ("HTTP/1.0 200 OK\r\nContent-Length: 300000\r\n\r\n", 300000, "", 300000, NULL);
  fetch_one ("HTTP/1.0 200 OK\r\n\r\n", 70000, "ask", 70000, NULL);
  fetch_one ("HTTP/1.0 200 OK\r\n\r\n", CHANNEL_MAX_FILE, "", CHANNEL_MAX_FILE, NULL);
  fetch_one ("HTTP/1.0 200 OK\r\n\r\n", CHANNEL_MAX_FILE + 1, "", 0, "it is larger than 1 MiB");
  fetch_one ("HTTP/1.0 200 OK\r\n\r\n", 2 * CHANNEL_MAX_FILE, "", 0, "it is larger than 1 MiB");
  fetch_one ("HTTP/1.0 200 OK\r\n\r\n", 0, "", 0, "it is empty");
  fetch_one ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", 4, "", 0, "it broke off");
  fetch_one ("HTTP/1.0 500 No\r\n\r\n", 4, "", 0, "the server refuses");
}

static void
assert_refused (const char *url, gboolean any, const char *wanted)
{
  g_autofree char *text = NULL;
  guint32 len;

  g_assert_cmpint (fetch_run (url, (ChannelBlob){ NULL, 0 }, 0, any, &len, &text), ==, -1);
  g_assert_cmpstr (text, ==, wanted);
}

/* What a service that was taken over could use to reach others on this machine. */
static void
test_refused (void)
{
  const char *no = g_strerror (EACCES);

  assert_refused ("http://127.0.0.1/", FALSE, no);
  assert_refused ("http://127.9.9.9/", FALSE, no);
  assert_refused ("http://0.0.0.0/", FALSE, no);
  assert_refused ("http://169.254.169.254/", FALSE, no);
  assert_refused ("http://224.0.0.1/", FALSE, no);
  assert_refused ("http://[::1]/", FALSE, no);
  assert_refused ("http://[::ffff:127.0.0.1]/", FALSE, no);
  assert_refused ("http://[fe80::1]/", FALSE, no);
  assert_refused ("https://192.0.2.1/", FALSE, "it is no address of the kind http://");
}

/* Nobody listens. */
static void
test_closed (void)
{
  Responder responder = { 0 };
  g_autofree char *url = NULL, *text = NULL;
  guint32 len;
  int fd;

  responder_start (&responder, "HTTP/1.0 200 OK\r\n\r\nx", 0);
  url = g_strdup_printf ("http://127.0.0.1:%u/", responder.port);
  fd = fetch_run (url, (ChannelBlob){ NULL, 0 }, 0, TRUE, &len, &text);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  responder_stop (&responder);
  assert_refused (url, TRUE, g_strerror (ECONNREFUSED));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/fetch/urls", test_urls);
  g_test_add_func ("/helper/fetch/requests", test_requests);
  g_test_add_func ("/helper/fetch/answers", test_answers);
  g_test_add_func ("/helper/fetch/long-head", test_long_head);
  g_test_add_func ("/helper/fetch/fetch", test_fetch);
  g_test_add_func ("/helper/fetch/refused", test_refused);
  g_test_add_func ("/helper/fetch/closed", test_closed);
  return g_test_run ();
}
