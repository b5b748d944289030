/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server asks the real helper about clients: passwords, PAM, what it wants to find again; and the sockets that
 * listen. Needs root for a network namespace; skipped without, but for what is a matter of files.
 */
#include "probe.h"

#include "server.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *helper;
static char *tmp;

/* ---- the file of users ---- */

static void
test_find (void)
{
  static const char text[] = "# alice:commented out\nbob:one two\nalice:a:b\r\n:nobody\nempty:\nlast:word";
  static const struct {
    const char *name, *password;
  } rows[] = { { "alice", "a:b" }, { "bob", "one two" }, { "last", "word" }, { "empty", NULL },  { "", NULL },
               { "carol", NULL },  { "ali", NULL },      { "alice:a", "b" }, { "# alice", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      /* exactly so many octets, so that a reader beyond them is seen */
      g_autofree guint8 *copy = g_memdup2 (text, sizeof text - 1);
      ChannelBlob password = { 0 };
      gboolean found = server_find_user ((ChannelBlob){ copy, sizeof text - 1 }, rows[i].name, &password);

      g_assert_cmpint (found, ==, rows[i].password != NULL);
      if (found)
        g_assert_cmpmem (password.data, password.len, rows[i].password, strlen (rows[i].password));
    }
}

static void
test_find_limit (void)
{
  for (guint above = 0; above < 2; above++)
    {
      g_autoptr (GString) text = g_string_new ("u:");
      ChannelBlob password;

      for (guint i = 0; i < CHANNEL_MAX_PASSWORD + above; i++)
        g_string_append_c (text, 'x');
      g_assert_cmpint (server_find_user ((ChannelBlob){ (const guint8 *) text->str, text->len }, "u", &password), ==,
                       !above);
    }
}

/* ---- what is kept ---- */

static void
test_state (void)
{
  g_autofree char *dir = g_build_filename (tmp, "leases", NULL);
  const char *uuid = "11111111-2222-3333-4444-555555555555";
  const ChannelBlob one = { (const guint8 *) "one", 3 }, two = { (const guint8 *) "another", 7 };
  g_autoptr (GBytes) read_one = NULL;
  g_autoptr (GBytes) read_two = NULL;
  struct stat st;

  g_assert_null (server_state_load (dir, uuid));
  g_assert_true (server_state_save (dir, uuid, one));
  read_one = server_state_load (dir, uuid);
  g_assert_cmpmem (g_bytes_get_data (read_one, NULL), g_bytes_get_size (read_one), "one", 3);
  g_assert_true (server_state_save (dir, uuid, two));
  read_two = server_state_load (dir, uuid);
  g_assert_cmpmem (g_bytes_get_data (read_two, NULL), g_bytes_get_size (read_two), "another", 7);
  g_assert_cmpint (stat (dir, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0700);
  /* a name is no path */
  g_assert_false (server_state_save (dir, "../escaped", one));
  g_assert_false (server_state_save (dir, "", one));
  g_assert_null (server_state_load (dir, "../leases"));
}

/* ---- the helper ---- */

static char *
users_file (const char *name, const char *content, guint mode)
{
  char *path = g_build_filename (tmp, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  g_assert_cmpint (g_chmod (path, (int) mode), ==, 0);
  return path;
}

static Probe *
start (void)
{
  Probe *p = probe_start (helper);
  ChannelMsg request = PROBE_REQUEST (CHANNEL_BEGIN);

  request.begin.uuid = "11111111-2222-3333-4444-555555555555";
  probe_do (p, &request);
  return p;
}

static ChannelMsg *
say_server (Probe *p, const char *users, const char *pam)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SERVER);

  request.server.users = users;
  request.server.pam = pam;
  return probe_call (p, &request);
}

static void
assert_failed (const ChannelMsg *msg, ChannelError code)
{
  g_assert_cmpint (msg->type, ==, CHANNEL_FAILED);
  g_assert_cmpint (msg->failed.code, ==, code);
}

static ChannelMsg *
ask (Probe *p, ChannelType type, const char *name)
{
  ChannelMsg request = PROBE_REQUEST (type);

  request.client.name = name;
  request.client.host = "192.0.2.1";
  return probe_call (p, &request);
}

static void
test_users (void)
{
  g_autofree char *path = users_file ("users", "alice:secret\n", 0600);
  Probe *p = start ();
  g_autoptr (ChannelMsg) early = ask (p, CHANNEL_USER, "alice");
  g_autoptr (ChannelMsg) said = say_server (p, path, "");
  g_autoptr (ChannelMsg) alice = ask (p, CHANNEL_USER, "alice");
  g_autoptr (ChannelMsg) nobody = ask (p, CHANNEL_USER, "nobody");

  assert_failed (early, CHANNEL_ERROR_INVALID);
  g_assert_cmpint (said->type, ==, CHANNEL_DONE);
  g_assert_cmpint (alice->type, ==, CHANNEL_SECRET);
  g_assert_cmpmem (alice->secret.octets.data, alice->secret.octets.len, "secret", 6);
  assert_failed (nobody, CHANNEL_ERROR_NOT_FOUND);
  /* a change counts at once */
  g_free (users_file ("users", "alice:other\n", 0600));
  {
    g_autoptr (ChannelMsg) again = ask (p, CHANNEL_USER, "alice");

    g_assert_cmpmem (again->secret.octets.data, again->secret.octets.len, "other", 5);
  }
  probe_stop (p);
}

/* Files that others could read or have written, and what is no file. */
static void
test_users_refused (void)
{
  g_autofree char *open_to_all = users_file ("open", "alice:secret\n", 0644);
  g_autofree char *group = users_file ("group", "alice:secret\n", 0640);
  g_autofree char *others = users_file ("others", "alice:secret\n", 0600);
  const char *const paths[] = { open_to_all, group, others, tmp, "/nowhere", "relative" };

  g_assert_cmpint (chown (others, 12345, 12345), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Probe *p = start ();
      g_autoptr (ChannelMsg) said = say_server (p, paths[i], "");

      assert_failed (said, i < 5 ? CHANNEL_ERROR_BAD_FILE : CHANNEL_ERROR_INVALID);
      probe_stop (p);
    }
}

static ChannelMsg *
listen_on (Probe *p, guint8 family, ChannelTransport transport, guint16 port)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SOCKET);

  request.socket.transport = (guint8) transport;
  request.socket.local.port = port;
  request.socket.remote.address.family = family;
  return probe_call (p, &request);
}

static ChannelMsg *
connect_to (Probe *p, ChannelTransport transport, const char *remote, guint16 port)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_SOCKET);

  request.socket.transport = (guint8) transport;
  request.socket.local.port = transport == CHANNEL_TCP ? 0 : port;
  request.socket.remote = probe_endpoint (remote, port);
  return probe_call (p, &request);
}

/* Who the network may have taken over cannot point the helper at other files. */
static void
test_said_once (void)
{
  g_autofree char *path = users_file ("users", "alice:secret\n", 0600);
  g_autofree char *shadow = users_file ("shadow", "root:hash\n", 0600);
  Probe *p = start ();
  g_autoptr (ChannelMsg) first = say_server (p, path, "");
  g_autoptr (ChannelMsg) same = say_server (p, path, "");
  g_autoptr (ChannelMsg) other = say_server (p, shadow, "");
  g_autoptr (ChannelMsg) pam = say_server (p, path, "login");
  g_autoptr (ChannelMsg) root = ask (p, CHANNEL_USER, "root");
  Probe *late = start ();
  g_autoptr (ChannelMsg) socket = connect_to (late, CHANNEL_UDP, "198.51.100.2", 500);
  g_autoptr (ChannelMsg) too_late = say_server (late, path, "");

  g_assert_cmpint (first->type, ==, CHANNEL_DONE);
  g_assert_cmpint (same->type, ==, CHANNEL_DONE);
  assert_failed (other, CHANNEL_ERROR_INVALID);
  assert_failed (pam, CHANNEL_ERROR_INVALID);
  assert_failed (root, CHANNEL_ERROR_NOT_FOUND);
  g_assert_cmpint (socket->type, ==, CHANNEL_OPENED);
  assert_failed (too_late, CHANNEL_ERROR_INVALID);
  probe_stop (p);
  probe_stop (late);
}

/* Nor at what another server remembers: the name for that is said before the network is heard, too. */
static void
test_same_server (void)
{
  static const char *const uuids[] = { "11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-666666666666" };
  Probe *p = start ();
  g_autoptr (ChannelMsg) said = say_server (p, "", "");
  ChannelMsg begin = PROBE_REQUEST (CHANNEL_BEGIN), end = PROBE_REQUEST (CHANNEL_END);

  g_assert_cmpint (said->type, ==, CHANNEL_DONE);
  probe_do (p, &end);
  begin.begin.uuid = uuids[1];
  probe_do (p, &begin); /* nobody has heard anything yet */
  probe_do (p, &end);
  begin.begin.uuid = uuids[0];
  probe_do (p, &begin);
  probe_hear (p);
  probe_do (p, &end);
  begin.begin.uuid = uuids[1];
  probe_expect_failed (probe_call (p, &begin), CHANNEL_ERROR_INVALID, "another one");
  begin.begin.uuid = uuids[0];
  probe_do (p, &begin);
  probe_stop (p);
}

/* "other" is there wherever PAM is: on Debian it knows the accounts of the machine, elsewhere it refuses everybody. */
static void
test_pam (void)
{
  Probe *p = start ();
  g_autoptr (ChannelMsg) said = say_server (p, "", "other");
  g_autoptr (ChannelMsg) nobody = ask (p, CHANNEL_AUTHORIZE, "no-such-user-here");
  g_autoptr (ChannelMsg) root = ask (p, CHANNEL_AUTHORIZE, "root");
  Probe *bad = start ();
  g_autoptr (ChannelMsg) path = say_server (bad, "", "../shadow");
  g_autoptr (ChannelMsg) none = ask (bad, CHANNEL_AUTHORIZE, "root");

  g_assert_cmpint (said->type, ==, CHANNEL_DONE);
  assert_failed (nobody, CHANNEL_ERROR_DENIED);
  if (g_file_test ("/etc/debian_version", G_FILE_TEST_EXISTS) && g_file_test ("/etc/pam.d/other", G_FILE_TEST_EXISTS))
    g_assert_cmpint (root->type, ==, CHANNEL_DONE);
  assert_failed (path, CHANNEL_ERROR_INVALID);
  assert_failed (none, CHANNEL_ERROR_INVALID);
  probe_stop (p);
  probe_stop (bad);
}

/* A module that starts a program (pam_exec) hears how that ended. In a mount namespace, where /etc/pam.d is ours. */
static void
test_pam_program (void)
{
  static const char *const programs[] = { "/bin/true", "/bin/false" };

  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount (tmp, "/etc/pam.d", NULL, MS_BIND, NULL) < 0)
    {
      g_test_skip ("no mount namespace, or no PAM");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *content = g_strdup_printf ("account required pam_exec.so %s\n", programs[i]);
      Probe *p = start ();
      g_autoptr (ChannelMsg) said = say_server (p, "", "nm-ipsec-test");
      g_autoptr (ChannelMsg) root = NULL;

      g_free (users_file ("nm-ipsec-test", content, 0644));
      root = ask (p, CHANNEL_AUTHORIZE, "root");
      g_assert_cmpint (said->type, ==, CHANNEL_DONE);
      if (root->type == CHANNEL_FAILED)
        g_test_message ("%s: %s", programs[i], root->failed.text);
      if (i == 0)
        g_assert_cmpint (root->type, ==, CHANNEL_DONE);
      else
        assert_failed (root, CHANNEL_ERROR_DENIED);
      probe_stop (p);
    }
  g_assert_cmpint (umount ("/etc/pam.d"), ==, 0);
}

/* Each port once, of each family; and only the two. */
static void
test_listen (void)
{
  Probe *p = start (), *other = start ();
  g_autoptr (ChannelMsg) said = say_server (p, "", ""), other_said = say_server (other, "", "");

  g_assert_cmpint (said->type, ==, CHANNEL_DONE);
  g_assert_cmpint (other_said->type, ==, CHANNEL_DONE);
  for (guint i = 0; i < 2; i++)
    {
      ChannelTransport transport = i ? CHANNEL_NATT : CHANNEL_UDP;
      guint16 port = i ? 4500 : 500;
      g_autoptr (ChannelMsg) four = listen_on (p, 4, transport, port);
      g_autoptr (ChannelMsg) six = listen_on (p, 6, transport, port);
      g_autoptr (ChannelMsg) again = listen_on (other, 4, transport, port);
      g_autoptr (ChannelMsg) odd = listen_on (other, 4, transport, 501);
      g_autoptr (ChannelMsg) crossed = listen_on (other, 4, transport, i ? 500 : 4500);

      g_assert_cmpint (four->type, ==, CHANNEL_OPENED);
      g_assert_cmpuint (four->opened.local.port, ==, port);
      g_assert_cmpint (six->type, ==, CHANNEL_OPENED);
      assert_failed (again, CHANNEL_ERROR_KERNEL);
      g_assert_cmpuint (again->failed.number, ==, EADDRINUSE);
      assert_failed (odd, CHANNEL_ERROR_KERNEL);
      assert_failed (crossed, CHANNEL_ERROR_KERNEL);
      /* a client's connected socket is no trouble */
      {
        g_autoptr (ChannelMsg) connected = connect_to (other, transport, "198.51.100.2", port);

        g_assert_cmpint (connected->type, ==, CHANNEL_OPENED);
        g_assert_cmpuint (connected->opened.local.port, ==, port);
      }
    }
  probe_stop (p);
  probe_stop (other);
}

/* Only who has said that it is a server: the service of a client that was taken over hears nobody. */
static void
test_no_listener (void)
{
  static const guint16 ports[] = { [CHANNEL_UDP] = 500, [CHANNEL_NATT] = 4500, [CHANNEL_TCP] = 4500 };
  Probe *p = start ();

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    probe_expect_failed (listen_on (p, i & 1 ? 6 : 4, (ChannelTransport) i, ports[i]), CHANNEL_ERROR_INVALID,
                         "Only a server or a mesh");
  probe_stop (p);
}

/* Nor does it reach what listens here, or is for all of a cloud's machines: the socket would be root's. */
static void
test_not_here (void)
{
  static const char *const nowhere[] = { "127.0.0.1",        "127.0.0.2",           "0.0.0.1",  "198.51.100.1",
                                         "224.0.0.1",        "255.255.255.255",     "::1",      "2001:db8:51::1",
                                         "::ffff:127.0.0.1", "::ffff:198.51.100.2", "::7f00:1", "ff02::1" };
  static const char *const on_link[] = { "169.254.169.254", "fe80::1" };
  Probe *p = start ();

  for (ChannelTransport t = CHANNEL_UDP; t <= CHANNEL_TCP; t++)
    for (guint i = 0; i < G_N_ELEMENTS (nowhere); i++)
      for (guint any_port = 0; any_port <= (t != CHANNEL_TCP); any_port++)
        {
          g_autoptr (ChannelMsg) msg = connect_to (p, t, nowhere[i], any_port ? 0 : 4500);

          assert_failed (msg, CHANNEL_ERROR_KERNEL);
          g_assert_cmpuint (msg->failed.number, ==, EACCES);
          g_assert_nonnull (strstr (msg->failed.text, "The gateway's address is"));
        }
  for (guint i = 0; i < G_N_ELEMENTS (on_link); i++)
    {
      g_autoptr (ChannelMsg) msg = connect_to (p, CHANNEL_TCP, on_link[i], 4500);

      assert_failed (msg, CHANNEL_ERROR_KERNEL);
      g_assert_cmpuint (msg->failed.number, ==, EACCES);
    }
  probe_stop (p);
}

int
main (int argc, char **argv)
{
  gboolean able;
  int failed;

  g_test_init (&argc, &argv, NULL);
  helper = argv[1];
  tmp = g_dir_make_tmp ("server-XXXXXX", NULL);
  g_test_add_func ("/helper/server/find", test_find);
  g_test_add_func ("/helper/server/find-limit", test_find_limit);
  g_test_add_func ("/helper/server/state", test_state);
  able = probe_isolate () && probe_network ();
  if (able)
    {
      g_test_add_func ("/helper/server/users", test_users);
      g_test_add_func ("/helper/server/users-refused", test_users_refused);
      g_test_add_func ("/helper/server/said-once", test_said_once);
      g_test_add_func ("/helper/server/same-server", test_same_server);
      g_test_add_func ("/helper/server/pam", test_pam);
      g_test_add_func ("/helper/server/pam-program", test_pam_program);
      g_test_add_func ("/helper/server/listen", test_listen);
      g_test_add_func ("/helper/server/no-listener", test_no_listener);
      g_test_add_func ("/helper/server/not-here", test_not_here);
    }
  else
    g_test_message ("skipped what needs root");
  failed = g_test_run ();
  return failed || able ? failed : 77;
}
