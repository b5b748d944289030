/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's end of the channel against a scripted helper: this program again, started by helper_client_spawn().
 * The host name or uuid of a request says what the script does with it.
 */
#include "helper-client.h"

#include "channel-msg.h"
#include "crypto/suites.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the scripted helper ---- */

static void
reply (ChannelMsg *msg, guint32 serial)
{
  if (msg->fd == 0)
    msg->fd = -1;
  msg->serial = serial;
  g_assert_cmpint (channel_send (CHANNEL_FD, msg), ==, 0);
}

static void
helper_resolve (const ChannelMsg *request)
{
  ChannelMsg good = { .type = CHANNEL_RESOLVED, .resolved = { 2, { { 4, { 192, 0, 2, 7 } }, { 6, { 0x20, 1 } } } } };
  ChannelMsg failed = { .type = CHANNEL_FAILED, .failed = { CHANNEL_ERROR_NAME_UNKNOWN, 0, "no such name" } };
  ChannelMsg wrong = { .type = CHANNEL_DONE };

  if (g_str_equal (request->resolve.host, "good"))
    reply (&good, request->serial);
  else if (g_str_equal (request->resolve.host, "unknown"))
    reply (&failed, request->serial);
  else if (g_str_equal (request->resolve.host, "wrong-type"))
    reply (&wrong, request->serial);
  else if (g_str_equal (request->resolve.host, "wrong-serial"))
    reply (&good, request->serial + 1000);
  else if (g_str_equal (request->resolve.host, "garbage"))
    g_assert_cmpint (write (CHANNEL_FD, "garbage", 7), ==, 7);
  else if (g_str_equal (request->resolve.host, "die"))
    _exit (1);
}

static void
helper_credentials (const ChannelMsg *request)
{
  ChannelMsg failed = { .type = CHANNEL_FAILED, .failed = { CHANNEL_ERROR_BAD_PASSWORD, 0, "wrong password" } };
  ChannelMsg loaded = { .type = CHANNEL_LOADED, .loaded = { 9, IKE_KEY_P256, 256, 0 } };

  if (request->credentials.has_password)
    {
      g_assert_cmpmem (request->credentials.password.data, request->credentials.password.len, "secret", 6);
      reply (&failed, request->serial);
      return;
    }
  loaded.fd = memfd_create ("items", MFD_CLOEXEC);
  g_assert_cmpint (channel_items_append (loaded.fd, CHANNEL_ITEM_CERTIFICATE, "DER", 3), ==, 0);
  if (g_str_equal (request->credentials.ca, "bad"))
    g_assert_cmpint (channel_items_append (loaded.fd, CHANNEL_ITEM_CA_FILE, "no certificate", 14), ==, 0);
  reply (&loaded, request->serial);
  close (loaded.fd);
}

static void
helper_kernel (const ChannelMsg *request)
{
  ChannelMsg spi = { .type = CHANNEL_SPI, .spi = { 0xc0001234, 0x1234 } };
  ChannelMsg failed = { .type = CHANNEL_FAILED, .failed = { CHANNEL_ERROR_KERNEL, EEXIST, "SA is there" } };
  ChannelMsg done = { .type = CHANNEL_DONE };
  ChannelMsg usage = { .type = CHANNEL_USAGE, .usage = { 1000, 10, 0 } };
  ChannelMsg recalled = { .type = CHANNEL_RECALLED, .memory = { NULL, 19 } };
  ChannelMsg link_gone = { .type = CHANNEL_LINK_GONE };
  ChannelMsg expire = { .type = CHANNEL_EXPIRE, .expire = { 0xc0001234, 1, { 4, { 192, 0, 2, 1 } } } };

  if (request->type == CHANNEL_RECALL)
    reply (&recalled, request->serial);
  else if (request->type == CHANNEL_SPI_ALLOC)
    reply (&spi, request->serial);
  else if (request->type == CHANNEL_SA_QUERY)
    reply (&usage, request->serial);
  else if (request->type == CHANNEL_SA_INSTALL)
    {
      g_assert_cmpstr (request->sa_install.encr, ==, "rfc4106(gcm(aes))");
      g_assert_cmpuint (request->sa_install.aead, ==, 1);
      g_assert_cmpuint (request->sa_install.icv_bits, ==, 128);
      g_assert_cmpmem (request->sa_install.encr_in.data, request->sa_install.encr_in.len, "inin", 4);
      g_assert_cmpuint (request->sa_install.soft_seconds, ==, 1);
      g_assert_cmpuint (request->sa_install.replay_window, ==, 64);
      g_assert_cmpstr (request->sa_install.label, ==, "a:b:c");
      g_assert_cmpuint (request->sa_install.remote_ts.n, ==, 1);
      reply (&failed, request->serial);
    }
  else
    {
      if (request->type == CHANNEL_SA_UPDATE)
        {
          g_assert_cmpuint (request->sa_update.spi_in, ==, 0xc0001234);
          g_assert_cmpuint (request->sa_update.spi_out, ==, 0);
        }
      reply (&expire, 0);
      reply (&link_gone, 0);
      reply (&done, request->serial);
    }
}

static int
fake_helper (void)
{
  for (;;)
    {
      g_autoptr (ChannelMsg) request = NULL;
      struct pollfd pfd = { CHANNEL_FD, POLLIN, 0 };
      ChannelMsg done = { .type = CHANNEL_DONE };
      int error;

      poll (&pfd, 1, -1);
      error = channel_receive (CHANNEL_FD, &request);
      if (error == EAGAIN)
        continue;
      if (error)
        return 0;
      if (request->type == CHANNEL_RESOLVE)
        helper_resolve (request);
      else if (request->type == CHANNEL_CREDENTIALS)
        helper_credentials (request);
      else if (request->type == CHANNEL_BEGIN)
        reply (&done, request->serial);
      else
        helper_kernel (request);
    }
}

/* ---- the tests ---- */

typedef struct {
  HelperClient *client;
  GMainLoop *loop;
  guint answers, gone, expires, links_gone;
  int kernel_error;
  guint32 spi;
  guint64 bytes;
  char *text;
  GError *error;
  IkeAddress addresses[4];
  guint n;
  HelperCredentials *credentials;
} Fixture;

static void
on_gone (gpointer data)
{
  Fixture *f = data;

  f->gone++;
  g_main_loop_quit (f->loop);
}

static void
on_expire (guint32 spi, const IkeAddress *dst, gboolean hard, gpointer data)
{
  Fixture *f = data;
  g_autofree char *address = ike_address_to_string (dst);

  g_assert_cmpuint (spi, ==, 0xc0001234);
  g_assert_cmpstr (address, ==, "192.0.2.1");
  g_assert_true (hard);
  f->expires++;
}

static void
on_link_gone (gpointer data)
{
  ((Fixture *) data)->links_gone++;
}

static const HelperEvents events = { .expire = on_expire };

static void
setup (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  f->loop = g_main_loop_new (NULL, FALSE);
  f->client = helper_client_spawn ("/proc/self/exe", &error);
  g_assert_no_error (error);
  helper_client_attach (f->client, on_gone, f);
  helper_client_watch (f->client, &events, f);
}

static void
teardown (Fixture *f, gconstpointer unused)
{
  helper_client_free (f->client);
  g_clear_error (&f->error);
  g_free (f->text);
  helper_credentials_free (f->credentials);
  g_main_loop_unref (f->loop);
}

static void
answered (Fixture *f, GError *error)
{
  f->answers++;
  g_clear_error (&f->error);
  f->error = error ? g_error_copy (error) : NULL;
  g_main_loop_quit (f->loop);
}

static void
on_resolved (const IkeAddress *addresses, guint n, GError *error, gpointer data)
{
  Fixture *f = data;

  f->n = n;
  memcpy (f->addresses, addresses, n * sizeof *addresses);
  answered (f, error);
}

static void
on_credentials (HelperCredentials *take_credentials, GError *error, gpointer data)
{
  Fixture *f = data;

  f->credentials = take_credentials;
  answered (f, error);
}

static void
on_kernel (const HelperKernelAnswer *answer, gpointer data)
{
  Fixture *f = data;

  f->kernel_error = answer->error;
  f->spi = answer->spi;
  f->bytes = answer->bytes;
  g_free (f->text);
  f->text = g_strdup (answer->text);
  answered (f, NULL);
}

static void
test_resolve (Fixture *f, gconstpointer unused)
{
  helper_client_resolve (f->client, "good", on_resolved, f);
  g_assert_cmpuint (f->answers, ==, 0); /* never from inside the call */
  g_main_loop_run (f->loop);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->n, ==, 2);
  g_assert_cmpuint (f->addresses[0].family, ==, IKE_FAMILY_IP4);
  g_assert_cmpuint (f->addresses[0].bytes[3], ==, 7);
  g_assert_cmpuint (f->addresses[1].family, ==, IKE_FAMILY_IP6);

  helper_client_resolve (f->client, "unknown", on_resolved, f);
  g_main_loop_run (f->loop);
  g_assert_error (f->error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
  g_assert_cmpuint (f->n, ==, 0);
}

static void
test_too_long (Fixture *f, gconstpointer unused)
{
  g_autofree char *host = g_strnfill (CHANNEL_MAX_HOST + 1, 'a');

  helper_client_resolve (f->client, host, on_resolved, f);
  g_assert_cmpuint (f->answers, ==, 0);
  g_main_loop_run (f->loop);
  g_assert_nonnull (f->error);
  g_assert_cmpuint (f->gone, ==, 0);
}

/* Whatever a broken helper does, each call is answered once and the client says that it is gone. */
static void
test_broken (Fixture *f, gconstpointer host)
{
  helper_client_resolve (f->client, "silent", on_resolved, f);
  helper_client_resolve (f->client, host, on_resolved, f);
  while (!f->gone)
    g_main_loop_run (f->loop);
  g_assert_cmpuint (f->answers, ==, 2);
  g_assert_cmpuint (f->gone, ==, 1);
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);

  /* afterwards too, and not from inside the call */
  helper_client_resolve (f->client, "good", on_resolved, f);
  g_assert_cmpuint (f->answers, ==, 2);
  g_main_loop_run (f->loop);
  g_assert_cmpuint (f->answers, ==, 3);
  g_assert_nonnull (f->error);
}

static void
test_credentials (Fixture *f, gconstpointer unused)
{
  HelperCredentialSpec spec = { .certificate = "/c", .ca = "", .key_password = "secret" };

  helper_client_credentials (f->client, &spec, on_credentials, f);
  g_main_loop_run (f->loop);
  g_assert_error (f->error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD);
  g_assert_null (f->credentials);

  spec.key_password = NULL;
  spec.ca = "bad";
  helper_client_credentials (f->client, &spec, on_credentials, f);
  g_main_loop_run (f->loop);
  g_assert_error (f->error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE);
  g_assert_null (f->credentials);

  spec.ca = "";
  helper_client_credentials (f->client, &spec, on_credentials, f);
  g_main_loop_run (f->loop);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->credentials->key, ==, 9);
  g_assert_cmpuint (f->credentials->key_type, ==, IKE_KEY_P256);
  g_assert_cmpuint (f->credentials->certificates->len, ==, 1);
  g_assert_cmpuint (f->credentials->cas->len, ==, 0);
}

static void
on_recalled (guint value, gpointer data)
{
  Fixture *f = data;

  f->n = value;
  answered (f, NULL);
}

static void
test_memory (Fixture *f, gconstpointer unused)
{
  helper_client_recall (f->client, "vpn.example.com", on_recalled, f);
  g_main_loop_run (f->loop);
  g_assert_cmpuint (f->n, ==, 19);
  /* (the script answers this with an event and DONE, for nobody) */
  helper_client_remember (f->client, "vpn.example.com", 31);
  helper_client_resolve (f->client, "die", on_resolved, f);
  while (!f->gone)
    g_main_loop_run (f->loop);
  helper_client_recall (f->client, "vpn.example.com", on_recalled, f);
  g_main_loop_run (f->loop);
  g_assert_cmpuint (f->n, ==, 0);
}

static void
test_kernel (Fixture *f, gconstpointer unused)
{
  const IkeAddress ours = { IKE_FAMILY_IP4, { 192, 0, 2, 2 } }, theirs = { IKE_FAMILY_IP4, { 198, 51, 100, 2 } };
  IkeSelector all = { { IKE_FAMILY_IP4, { 0 } }, { IKE_FAMILY_IP4, { 255, 255, 255, 255 } }, 0, 0, 65535 };
  IkeKernelRequest request = {
    .op = IKE_KERNEL_ALLOC_SPI,
    .slot = 1,
    .protocol = IKE_PROTOCOL_ESP,
    .path = { IKE_TRANSPORT_NATT, { ours, 4500 }, { theirs, 4500 } },
  };

  helper_client_kernel (f->client, &request, on_kernel, f);
  g_main_loop_run (f->loop);
  g_assert_cmpint (f->kernel_error, ==, 0);
  g_assert_cmpuint (f->spi, ==, 0xc0001234);

  request.op = IKE_KERNEL_INSTALL;
  request.parts = IKE_SA_IN | IKE_SA_OUT | IKE_SA_POLICIES;
  request.spi_in = f->spi;
  request.spi_out = 0xc1000000;
  request.encr = IKE_ENCR_AES_GCM_16;
  request.encr_bits = 256;
  request.encr_in = ike_secret_new_from ("inin", 4);
  request.encr_out = ike_secret_new_from ("outo", 4);
  request.soft_lifetime = IKE_SECOND / 2;
  request.replay_window = 64;
  request.label = g_bytes_new_static ("a:b:c", 6);
  request.local_ts = request.remote_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  g_array_append_val (request.local_ts, all);
  helper_client_kernel (f->client, &request, on_kernel, f);
  g_main_loop_run (f->loop);
  g_assert_cmpint (f->kernel_error, ==, EEXIST);
  g_assert_cmpstr (f->text, ==, "SA is there");

  request.op = IKE_KERNEL_QUERY;
  helper_client_kernel (f->client, &request, on_kernel, f);
  g_main_loop_run (f->loop);
  g_assert_cmpint (f->kernel_error, ==, 0);
  g_assert_cmpuint (f->bytes, ==, 1000);

  request.op = IKE_KERNEL_DELETE;
  helper_client_kernel (f->client, &request, NULL, NULL);
  /* of one that has only this half as yet */
  request.op = IKE_KERNEL_UPDATE;
  request.parts = IKE_SA_IN;
  helper_client_watch_link (f->client, on_link_gone, f);
  helper_client_kernel (f->client, &request, on_kernel, f);
  g_main_loop_run (f->loop);
  g_assert_cmpint (f->kernel_error, ==, 0);
  g_assert_cmpuint (f->expires, ==, 2);
  g_assert_cmpuint (f->links_gone, ==, 2);
  /* nobody has to listen */
  helper_client_watch_link (f->client, NULL, NULL);
  helper_client_kernel (f->client, &request, on_kernel, f);
  g_main_loop_run (f->loop);
  g_assert_cmpint (f->kernel_error, ==, 0);
  g_assert_cmpuint (f->links_gone, ==, 2);

  ike_secret_free (request.encr_in);
  ike_secret_free (request.encr_out);
  g_bytes_unref (request.label);
  g_array_unref (request.local_ts);
}

int
main (int argc, char **argv)
{
  /* started by helper_client_spawn(): only the program's name, and the channel in its place */
  if (argc == 1 && g_str_equal (argv[0], "/proc/self/exe"))
    return fake_helper ();

  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func) g_test_add (path, Fixture, data, setup, func, teardown)
  ADD ("/helper-client/resolve", NULL, test_resolve);
  ADD ("/helper-client/too-long", NULL, test_too_long);
  ADD ("/helper-client/dies", "die", test_broken);
  ADD ("/helper-client/garbage", "garbage", test_broken);
  ADD ("/helper-client/wrong-serial", "wrong-serial", test_broken);
  ADD ("/helper-client/wrong-type", "wrong-type", test_broken);
  ADD ("/helper-client/credentials", NULL, test_credentials);
  ADD ("/helper-client/kernel", NULL, test_kernel);
  ADD ("/helper-client/memory", NULL, test_memory);
  return g_test_run ();
}
