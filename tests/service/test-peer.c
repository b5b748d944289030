/* SPDX-License-Identifier: GPL-2.0-or-later */
/* role=peer: who waits is connected, routes need an address that this machine has, and a goodbye is no failure. */
#include "manager.h"

#include <string.h>

#define PSK LIST ("psk=an excellent secret")

static void
start (const char *mode)
{
  g_autofree char *start_item = g_strdup_printf ("start=%s", mode);

  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "role=peer", "local-ts=10.1.0.0/16",
                                             "remote-ts=10.2.0.0/16", "childless=yes", start_item),
                                       PSK));
  world_wait ("start *", 1);
}

/* Our own address inside, the route behind the link, nothing for the other family. */
static void
assert_config (void)
{
  g_autoptr (GVariant) routes = NULL;
  g_autoptr (GVariant) first = NULL;
  guint32 address, net;
  gboolean never_default, has6;

  g_assert_true (g_variant_lookup (manager->ip4, "address", "u", &address));
  g_assert_cmpuint (address, ==, g_htonl (0x0a010001));
  g_assert_true (g_variant_lookup (manager->ip4, "never-default", "b", &never_default));
  g_assert_true (never_default);
  routes = g_variant_lookup_value (manager->ip4, "routes", G_VARIANT_TYPE ("aau"));
  g_assert_nonnull (routes);
  first = g_variant_get_child_value (routes, 0);
  g_variant_get_child (first, 0, "u", &net);
  g_assert_cmpuint (net, ==, g_htonl (0x0a020000));
  g_assert_true (g_variant_lookup (manager->config, "has-ip6", "b", &has6));
  g_assert_false (has6);
}

static void
test_listen (void)
{
  start ("listen");
  g_assert_cmpint (world->start->config->role, ==, IKE_ROLE_PEER);
  g_assert_cmpint (world->start->config->begin, ==, IKE_BEGIN_LISTEN);
  g_assert_true (world->start->any_port && world->start->config->childless);
  /* what it has kept, for the secret of its tokens; it is no server */
  g_assert_nonnull (world->start->leases);
  g_assert_null (world->start->pools);
  g_assert_false (world->start->config->want_address4);
  world_driver_waiting (IKE_REASON_NONE);
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
  assert_config ();
  /* it is the same for NetworkManager whether there is a tunnel or not */
  world_driver_up_peer ();
  world_driver_waiting (IKE_REASON_PEER_DELETED);
  world_driver_up_peer ();
  manager_sync ();
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
  g_assert_cmpuint (world->errors_logged, ==, 0);
}

static void
test_up (void)
{
  start ("up");
  g_assert_cmpint (world->start->config->begin, ==, IKE_BEGIN_NOW);
  world_driver_up_peer ();
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
  assert_config ();
  manager_forget ();
  world_driver_reconnecting (IKE_REASON_PEER_DELETED);
  manager_sync ();
  manager_expect ("");
  world_driver_up_peer ();
  manager_expect ("StateChanged 3; Config; Ip4Config; StateChanged 4");
}

/* Between the hosts themselves there is nothing to route, and nothing is announced. */
static void
test_hosts (void)
{
  gboolean has4, has6;

  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "role=peer"), PSK));
  world_wait ("link none -", 1);
  world_wait ("start *", 1);
  g_assert_cmpuint (world->start->config->child.remote_ts->len, ==, 0);
  world_driver_up_hosts ();
  manager_expect ("StateChanged 3; Config; StateChanged 4");
  g_assert_true (g_variant_lookup (manager->config, "has-ip4", "b", &has4));
  g_assert_true (g_variant_lookup (manager->config, "has-ip6", "b", &has6));
  g_assert_false (has4 || has6);
  /* NetworkManager, which has nothing to do, would not come back to "activated": it is told nothing more */
  for (guint i = 0; i < 2; i++)
    {
      world_driver_reconnecting (IKE_REASON_PEER_DELETED);
      world_driver_up_hosts ();
    }
  manager_sync ();
  manager_expect ("StateChanged 3; Config; StateChanged 4");
}

/* The helper knows the file before there are sockets; the engine has no name for the key; of two ends one begins at the
 * back. */
static void
run_pad (const char *local, const char *remote, gboolean from_back)
{
  g_autofree char *local_id = g_strdup_printf ("local-id=%s", local);
  g_autofree char *remote_id = g_strdup_printf ("remote-id=%s", remote);

  world->hold[ASKED_PAD] = TRUE;
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "role=peer", local_id, remote_id,
                                             "ppk=insist", "ppk-id=pad1", "ppk-file=/var/lib/pad"),
                                       PSK));
  world_wait ("pad /var/lib/pad -", 1);
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  world_release (ASKED_PAD);
  world_wait ("start *", 1);
  g_assert_cmpint (world->start->config->ppk, ==, IKE_PPK_INSIST);
  g_assert_null (world->start->config->ppk_id);
  g_assert_cmpstr (world->start->pad.name, ==, "pad1");
  g_assert_cmpint (world->start->pad.from_back, ==, from_back);
}

static void
test_pad_front (void)
{
  run_pad ("a.example", "b.example", FALSE);
}

static void
test_pad_back (void)
{
  run_pad ("b.example", "a.example", TRUE);
}

static void
test_pad_used_up (void)
{
  world_fail (ASKED_PAD, G_IO_ERROR, G_IO_ERROR_FAILED, "ppk-file: /var/lib/pad cannot be used: it is used up");
  manager_connect (manager_connection (
      LIST ("gateway=192.0.2.1", "auth=psk", "ppk=yes", "ppk-id=pad1", "ppk-file=/var/lib/pad"), PSK));
  world_wait ("end", 1);
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_nonnull (strstr (world->log->pdata[world->log->len - 1], "PPK_FILE"));
}

static guint label_case; /* of the next test */

/* The kernel is asked before anything is sent; what it says decides. */
static void
test_label (void)
{
  g_autoptr (GBytes) expected = g_bytes_new_static ("a:b:c:s0", 9);

  world->hold[ASKED_LABEL] = TRUE;
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "role=peer", "sec-label=a:b:c:s0"), PSK));
  world_wait ("label a:b:c:s0", 1);
  world_settle ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  world_release (ASKED_LABEL);
  world_wait ("start *", 1);
  g_assert_true (g_bytes_equal (world->start->config->child.label, expected));
}

static void
test_label_refused (void)
{
  const struct {
    GIOErrorEnum code;
    const char *name;
  } cases[] = { { G_IO_ERROR_NOT_SUPPORTED, " NO_LABELS " },
                { G_IO_ERROR_INVALID_ARGUMENT, " LABEL_REFUSED " },
                { G_IO_ERROR_PERMISSION_DENIED, " LABEL_REFUSED " },
                { G_IO_ERROR_BROKEN_PIPE, " HELPER " } };
  guint i = label_case;

  world_fail (ASKED_LABEL, G_IO_ERROR, cases[i].code, "the kernel says so");
  manager_connect (manager_connection (LIST ("gateway=192.0.2.1", "auth=psk", "sec-label=a:b:c:s0"), PSK));
  world_wait ("end", 1);
  manager_wait_quit ();
  g_assert_cmpuint (world_count ("start *"), ==, 0);
  g_assert_cmpuint (world->errors_logged, ==, 1);
  g_assert_nonnull (strstr (world->log->pdata[world->log->len - 1], cases[i].name));
  label_case++;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  manager_test ("/service/peer/listen", test_listen);
  manager_test ("/service/peer/up", test_up);
  manager_test ("/service/peer/hosts", test_hosts);
  manager_test ("/service/peer/pad-front", test_pad_front);
  manager_test ("/service/peer/pad-back", test_pad_back);
  manager_test ("/service/peer/pad-used-up", test_pad_used_up);
  manager_test ("/service/peer/label", test_label);
  manager_test ("/service/peer/label-none", test_label_refused);
  manager_test ("/service/peer/label-unknown", test_label_refused);
  manager_test ("/service/peer/label-forbidden", test_label_refused);
  manager_test ("/service/peer/label-helper", test_label_refused);
  return g_test_run ();
}
