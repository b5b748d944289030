/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kill switch of the real helper over a socketpair, in a network namespace of its own: what is in the kernel, and
 * whom it survives. Needs root; says "skipped" without.
 */
#include "probe.h"

#include <signal.h>

#define UUID_ONE "11111111-2222-3333-4444-555555555555"
#define UUID_TWO "11111111-2222-3333-4444-666666666666"

static const char *helper;

static guint
blocked (void)
{
  return probe_count ("ip xfrm policy", "action block");
}

static guint
passing (void)
{
  return probe_count ("ip xfrm policy", "priority 2147483632"); /* GUARD_PRIORITY_PASS */
}

static ChannelMsg *
call_begin (Probe *p, const char *uuid, gboolean guarded)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_BEGIN);

  request.begin.uuid = uuid;
  request.begin.guarded = guarded != FALSE;
  return probe_call (p, &request);
}

static Probe *
begin (const char *uuid, gboolean guarded)
{
  Probe *p = probe_start (helper);
  g_autoptr (ChannelMsg) answer = call_begin (p, uuid, guarded);

  g_assert_cmpint (answer->type, ==, CHANNEL_DONE);
  return p;
}

static ChannelMsg *
call_guard (Probe *p, ChannelGuard mode, gboolean names, const char *first, const char *second, const char *except)
{
  ChannelMsg request = PROBE_REQUEST (CHANNEL_GUARD);

  if (except)
    request.guard.except.at[request.guard.except.n++] = probe_prefix (except);
  request.guard.mode = (guint8) mode;
  request.guard.names = names != FALSE;
  if (first)
    request.guard.protect.at[request.guard.protect.n++] = probe_prefix (first);
  if (second)
    request.guard.protect.at[request.guard.protect.n++] = probe_prefix (second);
  return probe_call (p, &request);
}

static void
guard_except (Probe *p, ChannelGuard mode, gboolean names, const char *first, const char *second, const char *except)
{
  g_autoptr (ChannelMsg) answer = call_guard (p, mode, names, first, second, except);

  if (answer->type == CHANNEL_FAILED)
    g_error ("%s", answer->failed.text);
  g_assert_cmpint (answer->type, ==, CHANNEL_DONE);
}

static void
guard (Probe *p, ChannelGuard mode, gboolean names, const char *first, const char *second)
{
  guard_except (p, mode, names, first, second, NULL);
}

static void
test_changes (void)
{
  Probe *p = begin (UUID_ONE, TRUE);
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  guint always;

  guard (p, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", NULL);
  g_assert_cmpuint (blocked (), ==, 1);
  always = passing ();
  g_assert_cmpuint (always, >, 10);
  guard (p, CHANNEL_GUARD_ON, TRUE, "10.0.0.0/8", "2001:db8::/32");
  g_assert_cmpuint (blocked (), ==, 2);
  g_assert_cmpuint (passing (), ==, always + 8);
  guard (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL);
  g_assert_cmpuint (blocked (), ==, 1);
  g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 172.16.0.0/12"), ==, 1);
  g_assert_cmpuint (passing (), ==, always);
  guard (p, CHANNEL_GUARD_OFF, FALSE, NULL, NULL);
  g_assert_cmpuint (blocked () + passing (), ==, 0);
  guard (p, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", NULL);
  probe_do (p, &end);
  g_assert_cmpuint (blocked () + passing (), ==, 0);
  probe_stop (p);
}

/* A tunnel's policy with the very same selector is another one. */
static void
test_beside_tunnel (void)
{
  Probe *p = begin (UUID_ONE, TRUE);
  ChannelMsg remove = PROBE_REQUEST (CHANNEL_SA_DELETE);
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);

  guard (p, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", NULL);
  probe_install_policies (p, 1, "0.0.0.0/0", "10.0.0.0/8");
  g_assert_cmpuint (probe_count ("ip xfrm policy", "reqid "), ==, 3);
  g_assert_cmpuint (blocked (), ==, 1);
  remove.sa_delete.slot = 1;
  remove.sa_delete.parts = CHANNEL_SA_POLICIES;
  probe_do (p, &remove);
  g_assert_cmpuint (probe_count ("ip xfrm policy", "reqid "), ==, 0);
  g_assert_cmpuint (blocked (), ==, 1);
  probe_do (p, &end);
  g_assert_cmpuint (blocked (), ==, 0);
  probe_stop (p);
}

static void
die (Probe *p, int signal, gboolean reaper_too)
{
  if (reaper_too)
    {
      kill (p->reaper, SIGKILL);
      g_assert_true (probe_wait_gone (p->reaper, 10000));
    }
  if (!signal)
    {
      probe_stop (p);
      return;
    }
  kill (p->pid, signal);
  g_assert_true (probe_wait_gone (p->pid, 10000));
  g_assert_true (probe_wait_gone (p->reaper, 10000));
  probe_free (p);
}

/* Whoever dies, what blocks stays, and what passed because of the helper does not. */
static void
test_survives (void)
{
  static const struct {
    int signal; /* to the helper; 0: the service dies */
    gboolean reaper_too, kept;
  } deaths[] = { { 0, FALSE, FALSE },
                 { SIGKILL, FALSE, FALSE },
                 { SIGKILL, TRUE, FALSE },
                 { SIGTERM, FALSE, FALSE },
                 { 0, FALSE, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (deaths); i++)
    {
      Probe *p = begin (UUID_ONE, TRUE), *other;
      ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
      guint always;

      guard (p, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", NULL);
      always = passing ();
      guard (p, CHANNEL_GUARD_ON, TRUE, "10.0.0.0/8", NULL);
      if (deaths[i].kept)
        {
          guard (p, CHANNEL_GUARD_KEEP, FALSE, NULL, NULL);
          probe_do (p, &end);
        }
      die (p, deaths[i].signal, deaths[i].reaper_too);
      g_assert_cmpuint (blocked (), ==, 1);
      if (!deaths[i].reaper_too)
        g_assert_cmpuint (passing (), ==, always);

      /* not another connection's business, but that of the same one */
      other = begin (UUID_TWO, FALSE);
      g_assert_cmpuint (blocked (), ==, 1);
      g_assert_cmpuint (passing (), ==, always);
      probe_stop (other);
      g_assert_cmpuint (blocked (), ==, 1);
      p = begin (UUID_ONE, TRUE);
      g_assert_cmpuint (blocked (), ==, 1); /* no gap until it says what it wants */
      guard (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL);
      g_assert_cmpuint (blocked (), ==, 1);
      g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 172.16.0.0/12"), ==, 1);
      probe_stop (p);
      p = begin (UUID_ONE, FALSE); /* without the key now */
      g_assert_cmpuint (blocked () + passing (), ==, 0);
      probe_stop (p);
    }
}

/* What was an exception is protected after the next activation, and the other way round, although one policy stands for
 * both. */
static void
test_exception_changed (void)
{
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  Probe *p = NULL;

  for (guint i = 0; i < 4; i++)
    {
      p = begin (UUID_ONE, TRUE);
      guard_except (p, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", "172.16.0.0/12", i & 1 ? NULL : "172.16.0.0/12");
      g_assert_cmpuint (blocked (), ==, i & 1 ? 2 : 1);
      g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 172.16.0.0/12"), ==, 1);
      guard (p, CHANNEL_GUARD_KEEP, FALSE, NULL, NULL);
      probe_do (p, &end);
      probe_stop (p);
      g_assert_cmpuint (blocked (), ==, i & 1 ? 2 : 1);
    }
  p = begin (UUID_ONE, FALSE);
  g_assert_cmpuint (blocked () + passing (), ==, 0);
  probe_stop (p);
}

/* A service that the network has taken over can end its own connection's kill switch, and no other's: neither as another
 * connection, nor by what passes. The honest one begins again, and protects other nets. */
static void
test_taken_over (void)
{
  Probe *other = begin (UUID_TWO, TRUE), *p = begin (UUID_ONE, TRUE), *bare = begin (UUID_ONE, FALSE);
  ChannelMsg end = PROBE_REQUEST (CHANNEL_END);
  g_autoptr (ChannelMsg) again = NULL;

  guard (other, CHANNEL_GUARD_ON, FALSE, "10.0.0.0/8", NULL);
  probe_stop (other);
  guard_except (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL, "10.1.0.0/16");
  guard_except (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL, "10.2.0.0/16");
  probe_hear (p);
  probe_hear (bare);
  probe_expect_failed (call_guard (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL, "10.0.0.0/8"),
                       CHANNEL_ERROR_INVALID, "passes by a kill switch");
  probe_expect_failed (call_guard (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL, NULL), CHANNEL_ERROR_INVALID,
                       "passes by a kill switch");
  probe_expect_failed (call_guard (bare, CHANNEL_GUARD_ON, FALSE, NULL, NULL, "10.0.0.0/8"), CHANNEL_ERROR_INVALID,
                       "passes by a kill switch");
  guard_except (p, CHANNEL_GUARD_ON, TRUE, "172.16.0.0/12", "192.168.0.0/16", "10.2.0.0/16");
  g_assert_cmpuint (blocked (), ==, 3);
  g_assert_cmpuint (probe_count ("ip xfrm policy", "dst 10.0.0.0/8"), ==, 1);
  probe_do (p, &end);
  probe_do (bare, &end);
  probe_expect_failed (call_begin (p, UUID_TWO, FALSE), CHANNEL_ERROR_INVALID, "another one");
  probe_expect_failed (call_begin (bare, UUID_TWO, FALSE), CHANNEL_ERROR_INVALID, "another one");
  again = call_begin (p, UUID_ONE, TRUE);
  g_assert_cmpint (again->type, ==, CHANNEL_DONE);
  guard_except (p, CHANNEL_GUARD_ON, FALSE, "172.16.0.0/12", NULL, "10.2.0.0/16");
  g_assert_cmpuint (blocked (), ==, 2);
  probe_do (p, &end);
  g_assert_cmpuint (blocked (), ==, 1);
  probe_stop (p);
  probe_stop (bare);
  other = begin (UUID_TWO, FALSE);
  g_assert_cmpuint (blocked () + passing (), ==, 0);
  probe_stop (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  helper = argv[1];
  if (!probe_isolate ())
    {
      g_test_message ("needs root and a network namespace: skipped");
      return 77;
    }
  g_test_add_func ("/helper/guard/changes", test_changes);
  g_test_add_func ("/helper/guard/beside-tunnel", test_beside_tunnel);
  g_test_add_func ("/helper/guard/survives", test_survives);
  g_test_add_func ("/helper/guard/exception-changed", test_exception_changed);
  if (probe_network ())
    g_test_add_func ("/helper/guard/taken-over", test_taken_over);
  else
    g_test_message ("skipped what needs a link");
  return g_test_run ();
}
