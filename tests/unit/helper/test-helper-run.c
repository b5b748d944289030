/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real helper over a socketpair, in a network namespace of its own. The kernel of a build machine may know neither
 * ESP nor XFRM interfaces: what needs them is in test-helper-esp.c; here are requests, files, names, sockets, policies,
 * SPIs, and that nothing stays behind however the processes end. Needs root; says "skipped" without.
 */
#include "probe.h"

#include "helper/kernel/owner.h"
#include "helper/kernel/xfrm-compat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PUBLIC "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static const char *helper;
static char *tmp;

static guint
policies (void)
{
  return probe_count ("ip xfrm policy", "reqid "); /* in each template; what blocks or passes has none */
}

static guint
states (void)
{
  return probe_count ("ip xfrm state", "proto esp");
}

static gboolean
wait_clean (guint milliseconds)
{
  for (guint i = 0; i <= milliseconds / 10; i++)
    {
      if (policies () == 0 && states () == 0 && probe_count ("ip -o link", "ipsec") == 0)
        return TRUE;
      g_usleep (10000);
    }
  return FALSE;
}

static void
begin (Probe *p)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_BEGIN);

  request.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (p, &request);
}

static guint32
alloc_spi (Probe *p)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SPI_ALLOC);
  g_autoptr (ChannelMsg) answer = NULL;

  request.spi_alloc.slot = 7;
  request.spi_alloc.protocol = 3;
  request.spi_alloc.local = probe_address ("192.0.2.1");
  request.spi_alloc.remote = probe_address ("192.0.2.2");
  answer = probe_call (p, &request);
  g_assert_cmpint (answer->type, ==, CHANNEL_SPI);
  g_assert_cmpuint (answer->spi.spi >> 28, ==, 0xc);
  return answer->spi.spi;
}

static void
delete_policies (Probe *p, guint32 slot)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SA_DELETE);

  request.sa_delete.slot = slot;
  request.sa_delete.parts = CHANNEL_SA_POLICIES;
  probe_do (p, &request);
}

static void
set_up (Probe *p)
{
  begin (p);
  g_assert_cmpuint (alloc_spi (p), !=, 0);
  probe_install_policies (p, 1, "10.9.0.1/32", "10.0.0.0/8");
  g_assert_cmpuint (policies (), ==, 3);
  g_assert_cmpuint (states (), ==, 1);
}

/* ---- ends ---- */

static void
test_service_dies (void)
{
  Probe *p = probe_start (helper);

  set_up (p);
  probe_stop (p);
  g_assert_true (wait_clean (10000));
}

static void
test_helper_is_killed (void)
{
  Probe *p = probe_start (helper);

  set_up (p);
  kill (p->pid, SIGKILL);
  g_assert_true (wait_clean (10000));
  g_assert_true (probe_wait_gone (p->pid, 10000));
  g_assert_true (probe_wait_gone (p->reaper, 10000));
  probe_free (p);
}

static void
test_reaper_is_killed (void)
{
  Probe *p = probe_start (helper);

  set_up (p);
  kill (p->reaper, SIGKILL);
  probe_stop (p);
  g_assert_true (wait_clean (10000));
}

static void
test_next_start_cleans (void)
{
  Probe *p = probe_start (helper);
  siginfo_t info;
  pid_t dead;

  set_up (p);
  kill (p->reaper, SIGKILL);
  g_assert_true (probe_wait_gone (p->reaper, 10000));
  kill (p->pid, SIGKILL);
  /* nobody has waited for it when the next one looks */
  g_assert_cmpint (waitid (P_PID, (id_t) p->pid, &info, WEXITED | WNOWAIT), ==, 0);
  dead = p->pid;
  probe_free (p);
  g_assert_cmpuint (policies (), ==, 3);

  p = probe_start (helper);
  begin (p);
  g_assert_cmpuint (policies (), ==, 0);
  g_assert_cmpuint (states (), ==, 0);
  g_assert_true (probe_wait_gone (dead, 10000));
  probe_stop (p);
}

static void
test_living_are_left_alone (void)
{
  Probe *one = probe_start (helper), *two = probe_start (helper);

  set_up (one);
  begin (two);
  g_assert_cmpuint (policies (), ==, 3);
  probe_install_policies (two, 1, "10.9.0.1/32", "172.16.0.0/12");
  g_assert_cmpuint (policies (), ==, 6);
  probe_stop (one);
  g_assert_cmpuint (policies (), ==, 3);
  probe_stop (two);
  g_assert_true (wait_clean (10000));
}

static void
test_sigterm (void)
{
  Probe *p = probe_start (helper);

  set_up (p);
  kill (p->pid, SIGTERM);
  g_assert_true (probe_wait_gone (p->pid, 10000));
  g_assert_true (wait_clean (10000));
  probe_stop (p);
}

static void
test_end_and_again (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);

  set_up (p);
  probe_do (p, &end);
  g_assert_true (wait_clean (1));
  probe_install_policies (p, 1, "10.9.0.1/32", "10.0.0.0/8");
  g_assert_cmpuint (policies (), ==, 3);
  probe_do (p, &end);
  g_assert_true (wait_clean (1));
  begin (p); /* of the next connection */
  probe_stop (p);
}

static void
test_nonsense_ends (void)
{
  const struct {
    const char *octets;
    gsize len;
  } cases[] = { { "hello", 5 }, { "\x4e\x69\x01\x40\x00\x00\x00\x01\x00\x00\x00\x00", 12 /* an answer */ }, { "", 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Probe *p = probe_start (helper);

      set_up (p);
      g_assert_cmpint (send (p->fd, cases[i].octets, cases[i].len, 0), ==, (gssize) cases[i].len);
      g_assert_true (probe_wait_gone (p->pid, 10000));
      g_assert_true (wait_clean (10000));
      probe_stop (p);
    }
}

/* ---- kernel ---- */

static void
expect_failed (Probe *p, ChannelMsg *request, ChannelError code, const char *text)
{
  g_autoptr (ChannelMsg) answer = probe_call (p, request);

  g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
  g_test_message ("%s", answer->failed.text);
  g_assert_cmpint (answer->failed.code, ==, code);
  if (text)
    g_assert_nonnull (strstr (answer->failed.text, text));
}

/* The SA is refused (this kernel has no such algorithm): its policies and its SPI must go again. */
static void
test_failed_installation_leaves_nothing (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SA_INSTALL);
  static const guint8 key[36] = { 1, 2, 3 };

  begin (p);
  r.sa_install.slot = 7;
  r.sa_install.parts = CHANNEL_SA_IN | CHANNEL_SA_OUT | CHANNEL_SA_POLICIES;
  r.sa_install.protocol = 3;
  r.sa_install.spi_in = alloc_spi (p);
  r.sa_install.spi_out = 0x12345678;
  r.sa_install.local = probe_endpoint ("192.0.2.1", 4500);
  r.sa_install.remote = probe_endpoint ("192.0.2.2", 4500);
  r.sa_install.local_ts.n = r.sa_install.remote_ts.n = 1;
  r.sa_install.local_ts.at[0] = probe_prefix ("10.9.0.1/32");
  r.sa_install.remote_ts.at[0] = probe_prefix ("10.0.0.0/8");
  r.sa_install.aead = 1;
  r.sa_install.icv_bits = 128;
  r.sa_install.encr = "rot13(aes)";
  r.sa_install.encr_in = r.sa_install.encr_out = (ChannelBlob) { key, sizeof key };
  expect_failed (p, &r, CHANNEL_ERROR_KERNEL, "The kernel refused the inbound SA");
  g_assert_cmpuint (policies (), ==, 0);
  r.sa_install.spi_in = 200;
  expect_failed (p, &r, CHANNEL_ERROR_KERNEL, "reserved");
  r.sa_install.spi_in = 0xc0000001;
  r.sa_install.integ = "hmac(sha256)";
  expect_failed (p, &r, CHANNEL_ERROR_KERNEL, NULL);
  probe_stop (p);
}

static void
test_policies_of_two_slots (void)
{
  Probe *p = probe_start (helper);

  begin (p);
  probe_install_policies (p, 1, "10.9.0.1/32", "10.0.0.0/8");
  probe_install_policies (p, 2, "10.9.0.1/32", "10.0.0.0/8"); /* replaces: make before break */
  g_assert_cmpuint (policies (), ==, 3);
  delete_policies (p, 1); /* they are not its own any more */
  g_assert_cmpuint (policies (), ==, 3);
  delete_policies (p, 2);
  g_assert_cmpuint (policies (), ==, 0);
  delete_policies (p, 2);
  probe_stop (p);
}

static void
test_link (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_LINK);
  g_autoptr (ChannelMsg) answer = NULL;

  r.link.kind = CHANNEL_LINK_NONE;
  expect_failed (p, &r, CHANNEL_ERROR_INVALID, "begun");
  begin (p);
  answer = probe_call (p, &r);
  g_assert_cmpint (answer->type, ==, CHANNEL_LINKED);
  g_assert_cmpuint (answer->linked.ifindex, ==, 0);
  g_clear_pointer (&answer, channel_msg_free);

  r.link.kind = CHANNEL_LINK_AUTO;
  r.link.name = "a/b";
  expect_failed (p, &r, CHANNEL_ERROR_KERNEL, "\"a/b\" cannot be the name");
  r.link.name = "";
  answer = probe_call (p, &r);
  g_assert_cmpint (answer->type, ==, CHANNEL_LINKED);
  g_test_message ("AUTO gives %u \"%s\"", answer->linked.kind, answer->linked.name);
  if (answer->linked.kind == CHANNEL_LINK_NONE)
    g_test_message ("this kernel has neither XFRM interfaces nor VTI");
  else
    g_assert_cmpuint (if_nametoindex (answer->linked.name), ==, answer->linked.ifindex);
  probe_stop (p);
  g_assert_true (wait_clean (1));
}

static void
test_link_name_is_taken (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_LINK);
  g_autoptr (ChannelMsg) answer = NULL;

  begin (p);
  r.link.kind = CHANNEL_LINK_AUTO;
  r.link.name = "lo";
  answer = probe_call (p, &r);
  if (answer->type == CHANNEL_LINKED && answer->linked.kind == CHANNEL_LINK_NONE)
    g_test_skip ("this kernel has neither XFRM interfaces nor VTI");
  else
    {
      g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
      g_assert_cmpuint (answer->failed.number, ==, EEXIST);
      g_assert_nonnull (strstr (answer->failed.text, "lo already"));
    }
  probe_stop (p);
}

/* ---- sockets ---- */

static ChannelMsg *
open_socket (Probe *p, ChannelTransport transport, guint16 port, const char *remote)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_SOCKET);

  r.socket.transport = (guint8) transport;
  r.socket.local.port = port;
  r.socket.remote = probe_endpoint (remote, port);
  return probe_call (p, &r);
}

static void
test_sockets (void)
{
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) a = open_socket (p, CHANNEL_UDP, 500, "198.51.100.2");
  g_autoptr (ChannelMsg) b = open_socket (p, CHANNEL_UDP, 500, "198.51.100.3");
  g_autoptr (ChannelMsg) c = open_socket (p, CHANNEL_UDP, 500, "198.51.100.2");
  g_autoptr (ChannelMsg) d = open_socket (p, CHANNEL_NATT, 4500, "198.51.100.2");
  g_autoptr (ChannelMsg) e = open_socket (p, CHANNEL_NATT, 4500, "2001:db8:51::2");
  g_autoptr (ChannelMsg) f = open_socket (p, CHANNEL_UDP, 500, "192.0.2.77");
  int encap = 0;
  socklen_t len = sizeof encap;

  g_assert_cmpint (a->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (a->opened.local.port, ==, 500);
  g_assert_cmpuint (a->opened.local.address.family, ==, 4);
  g_assert_cmpuint (a->opened.local.address.bytes[0], ==, 198);
  g_assert_cmpint (b->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (b->opened.local.port, ==, 500); /* another gateway: the port is shared */
  g_assert_cmpint (c->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (c->opened.local.port, !=, 500); /* the same gateway: it cannot be */
  g_assert_cmpint (d->type, ==, CHANNEL_OPENED);
  g_assert_cmpint (getsockopt (d->fd, IPPROTO_UDP, UDP_ENCAP, &encap, &len), ==, 0);
  g_assert_cmpint (encap, ==, UDP_ENCAP_ESPINUDP);
  g_assert_cmpint (e->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (e->opened.local.address.family, ==, 6);
  g_assert_cmpint (f->type, ==, CHANNEL_FAILED); /* there is no route */
  g_assert_cmpuint (f->failed.number, ==, ENETUNREACH);
  probe_stop (p);
}

static void
test_port_of_another_daemon (void)
{
  Probe *p = probe_start (helper);
  const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons (500) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* without SO_REUSEADDR */
  g_autoptr (ChannelMsg) a = NULL;

  g_assert_cmpint (bind (fd, (const struct sockaddr *) &any, sizeof any), ==, 0);
  a = open_socket (p, CHANNEL_UDP, 500, "198.51.100.2");
  g_assert_cmpint (a->type, ==, CHANNEL_OPENED);
  g_assert_cmpuint (a->opened.local.port, !=, 500);
  close (fd);
  probe_stop (p);
}

/* ---- names and files ---- */

static void
test_names (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg r = PROBE_REQUEST (CHANNEL_RESOLVE);
  g_autoptr (ChannelMsg) numeric = NULL, local = NULL, unknown = NULL;

  r.resolve.host = "2001:db8::1";
  numeric = probe_call (p, &r);
  g_assert_cmpint (numeric->type, ==, CHANNEL_RESOLVED);
  g_assert_cmpuint (numeric->resolved.n, ==, 1);
  g_assert_cmpuint (numeric->resolved.at[0].family, ==, 6);
  r.resolve.host = "localhost";
  r.resolve.family = 4;
  local = probe_call (p, &r);
  g_assert_cmpint (local->type, ==, CHANNEL_RESOLVED);
  g_assert_cmpuint (local->resolved.at[0].bytes[0], ==, 127);
  r.resolve.host = "no-such-host.invalid";
  unknown = probe_call (p, &r);
  g_assert_cmpint (unknown->type, ==, CHANNEL_FAILED);
  g_assert_true (unknown->failed.code == CHANNEL_ERROR_NAME_UNKNOWN || unknown->failed.code == CHANNEL_ERROR_NO_ANSWER);
  probe_stop (p);
}

static char *
make_file (const char *name, const char *text, mode_t mode, uid_t owner)
{
  char *path = g_build_filename (tmp, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (chown (path, owner, (gid_t) -1), ==, 0);
  g_assert_cmpint (chmod (path, mode), ==, 0);
  return path;
}

/* A file goes to the service as that of the CAs. */
static ChannelMsg *
read_file (Probe *p, const char *path, const char *user)
{
  ChannelMsg r = PROBE_REQUEST (CHANNEL_CREDENTIALS);

  r.credentials.ca = path;
  r.credentials.user = user;
  return probe_call (p, &r);
}

static void
expect_public (ChannelItem item, const guint8 *octets, gsize len, gpointer data)
{
  g_assert_cmpint (item, ==, CHANNEL_ITEM_CA_FILE);
  g_assert_cmpmem (octets, len, PUBLIC, strlen (PUBLIC));
  ++*(guint *) data;
}

static void
test_files (void)
{
  Probe *p = probe_start (helper);
  g_autofree char *path = make_file ("public", PUBLIC, 0644, 0);
  g_autoptr (ChannelMsg) answer = read_file (p, path, "");
  guint items = 0;

  g_assert_cmpint (answer->type, ==, CHANNEL_LOADED);
  g_assert_true (channel_items_read (answer->fd, expect_public, &items));
  g_assert_cmpuint (items, ==, 1);
  g_assert_cmpint (fcntl (answer->fd, F_GET_SEALS) & F_SEAL_WRITE, !=, 0);
  probe_stop (p);
}

static void
test_files_of_others (void)
{
  Probe *p = probe_start (helper);
  g_autofree char *secret = make_file ("root-only", PUBLIC, 0600, 0);
  g_autofree char *own = make_file ("own", PUBLIC, 0600, 1 /* daemon */);
  g_autofree char *link_path = g_build_filename (tmp, "link", NULL);
  const struct {
    const char *path, *user;
    gboolean readable;
  } cases[] = { { secret, "", TRUE },        { secret, "daemon", FALSE },    { secret, "nobody", FALSE },
                { own, "daemon", TRUE },     { own, "nobody", FALSE },       { own, "", TRUE },
                { link_path, "", TRUE },     { link_path, "daemon", FALSE }, { own, "no-such-user", FALSE },
                { own, "daemon\n", FALSE } };

  g_assert_cmpint (symlink (secret, link_path), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChannelMsg) answer = read_file (p, cases[i].path, cases[i].user);

      g_test_message ("%s as \"%s\": %s", cases[i].path, cases[i].user,
                      answer->type == CHANNEL_FAILED ? answer->failed.text : "readable");
      g_assert_cmpint (answer->type, ==, cases[i].readable ? CHANNEL_LOADED : CHANNEL_FAILED);
    }
  probe_stop (p);
}

static void
test_no_files (void)
{
  Probe *p = probe_start (helper);
  g_autofree char *fifo = g_build_filename (tmp, "fifo", NULL), *loop = g_build_filename (tmp, "loop", NULL),
                  *missing = g_build_filename (tmp, "missing", NULL), *empty = make_file ("empty", "", 0644, 0),
                  *large = make_file ("large", PUBLIC, 0644, 0), *largest = make_file ("largest", PUBLIC, 0644, 0),
                  *key = make_file ("key", "-----BEGIN PRIVATE KEY-----\nCERTIFICATE-----", 0644, 0);
  const struct {
    const char *path;
    ChannelError code;
    const char *text;
  } cases[] = { { "/dev/zero", CHANNEL_ERROR_BAD_FILE, "not a regular file" },
                { "/dev/tty", CHANNEL_ERROR_BAD_FILE, "not a regular file" },
                { tmp, CHANNEL_ERROR_BAD_FILE, "directory" },
                { fifo, CHANNEL_ERROR_BAD_FILE, "not a regular file" },
                { loop, CHANNEL_ERROR_NOT_FOUND, "symbolic links" },
                { missing, CHANNEL_ERROR_NOT_FOUND, "No such file" },
                { empty, CHANNEL_ERROR_BAD_FILE, "empty" },
                { large, CHANNEL_ERROR_BAD_FILE, "larger than 1 MiB" },
                { "/etc/passwd", CHANNEL_ERROR_BAD_FILE, "not a file of certificates" },
                { key, CHANNEL_ERROR_BAD_FILE, "not a file of certificates" },
                { "public", CHANNEL_ERROR_NOT_FOUND, "absolute" },
                { "../etc/passwd", CHANNEL_ERROR_NOT_FOUND, "absolute" } };
  g_autoptr (ChannelMsg) good = NULL;

  g_assert_cmpint (mkfifo (fifo, 0666), ==, 0);
  g_assert_cmpint (symlink (loop, loop), ==, 0);
  g_assert_cmpint (truncate (large, CHANNEL_MAX_FILE + 1), ==, 0);
  g_assert_cmpint (truncate (largest, CHANNEL_MAX_FILE), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChannelMsg) answer = read_file (p, cases[i].path, "nobody");

      g_assert_cmpint (answer->type, ==, CHANNEL_FAILED);
      g_test_message ("%s", answer->failed.text);
      g_assert_cmpint (answer->failed.code, ==, cases[i].code);
      g_assert_nonnull (strstr (answer->failed.text, cases[i].text));
      g_assert_nonnull (strstr (answer->failed.text, cases[i].path));
    }
  good = read_file (p, largest, "nobody");
  g_assert_cmpint (good->type, ==, CHANNEL_LOADED);
  probe_stop (p);
}

/* Once the network may be heard nothing else is read than what was named before; the password may be another. */
static void
test_named_before (void)
{
  Probe *p = probe_start (helper);
  g_autofree char *path = make_file ("named", PUBLIC, 0644, 0), *other = make_file ("unnamed", PUBLIC, 0644, 0);
  ChannelMsg again = PROBE_REQUEST (CHANNEL_CREDENTIALS);
  const struct {
    const char *certificate, *private_key, *ca, *user;
  } cases[] = { { "", "", other, "" },   { "", "", path, "daemon" }, { path, "", "", "" }, { "", path, "", "" },
                { "", other, path, "" }, { other, "", path, "" },    { "", "", "", "" } };
  g_autoptr (ChannelMsg) before = read_file (p, path, ""), opened = NULL, same = NULL;

  g_assert_cmpint (before->type, ==, CHANNEL_LOADED);
  opened = open_socket (p, CHANNEL_UDP, 500, "198.51.100.2");
  g_assert_cmpint (opened->type, ==, CHANNEL_OPENED);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ChannelMsg c = PROBE_REQUEST (CHANNEL_CREDENTIALS);

      c.credentials.certificate = cases[i].certificate;
      c.credentials.private_key = cases[i].private_key;
      c.credentials.ca = cases[i].ca;
      c.credentials.user = cases[i].user;
      probe_expect_failed (probe_call (p, &c), CHANNEL_ERROR_INVALID, "before the first socket");
    }
  again.credentials.ca = path;
  again.credentials.has_password = 1;
  again.credentials.password = (ChannelBlob){ (const guint8 *) "another", 7 };
  same = probe_call (p, &again);
  g_assert_cmpint (same->type, ==, CHANNEL_LOADED);
  probe_stop (p);
}

/* ---- the process ---- */

static guint64
capabilities (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "NoNewPrivs:\t1"));
  return g_ascii_strtoull (strstr (text, "CapEff:") + strlen ("CapEff:"), NULL, 16);
}

static void
test_process (void)
{
  Probe *p = probe_start (helper);
  const guint64 most = 1u << CAP_NET_ADMIN | 1u << CAP_NET_BIND_SERVICE | 1u << CAP_SETUID | 1u << CAP_SETGID |
                       1u << CAP_DAC_OVERRIDE;

  begin (p);
  g_assert_cmpuint (capabilities (p->pid) & ~most, ==, 0);
  for (guint i = 0; i < 1000 && capabilities (p->reaper) != 1u << CAP_NET_ADMIN; i++)
    g_usleep (1000);
  g_assert_cmpuint (capabilities (p->reaper), ==, 1u << CAP_NET_ADMIN);
  g_assert_true (owner_is_alive (p->pid));
  g_assert_false (owner_is_alive (p->reaper));
  probe_stop (p);
}

static void
test_without_channel (void)
{
  g_autofree char *err = NULL;
  int status = 0;

  g_assert_true (g_spawn_command_line_sync (helper, NULL, &err, &status, NULL));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 2);
  g_assert_nonnull (strstr (err, "started by"));
}

static void
remove_tmp (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf %s", tmp);

  (void) g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  g_free (tmp);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  g_test_add_func ("/helper/run/without-channel", test_without_channel);
  if (!probe_isolate () || !probe_network ())
    {
      g_test_message ("needs root and a network namespace: skipped");
      return 77;
    }
  tmp = g_dir_make_tmp ("nm-ipsec-XXXXXX", NULL);
  g_assert_cmpint (chmod (tmp, 0755), ==, 0);
  g_test_add_func ("/helper/run/service-dies", test_service_dies);
  g_test_add_func ("/helper/run/helper-is-killed", test_helper_is_killed);
  g_test_add_func ("/helper/run/reaper-is-killed", test_reaper_is_killed);
  g_test_add_func ("/helper/run/next-start-cleans", test_next_start_cleans);
  g_test_add_func ("/helper/run/living-are-left-alone", test_living_are_left_alone);
  g_test_add_func ("/helper/run/sigterm", test_sigterm);
  g_test_add_func ("/helper/run/end-and-again", test_end_and_again);
  g_test_add_func ("/helper/run/nonsense-ends", test_nonsense_ends);
  g_test_add_func ("/helper/run/failed-installation", test_failed_installation_leaves_nothing);
  g_test_add_func ("/helper/run/policies-of-two-slots", test_policies_of_two_slots);
  g_test_add_func ("/helper/run/link", test_link);
  g_test_add_func ("/helper/run/link-name-taken", test_link_name_is_taken);
  g_test_add_func ("/helper/run/sockets", test_sockets);
  g_test_add_func ("/helper/run/port-of-another-daemon", test_port_of_another_daemon);
  g_test_add_func ("/helper/run/names", test_names);
  g_test_add_func ("/helper/run/files", test_files);
  g_test_add_func ("/helper/run/files-of-others", test_files_of_others);
  g_test_add_func ("/helper/run/no-files", test_no_files);
  g_test_add_func ("/helper/run/named-before", test_named_before);
  g_test_add_func ("/helper/run/process", test_process);
  result = g_test_run ();
  remove_tmp ();
  return result;
}
