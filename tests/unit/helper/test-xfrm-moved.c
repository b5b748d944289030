/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SA at another place: nothing of what it was told is lost on the way, and no number is used twice. */
#include "kernel/xfrm-build.h"
#include "probe.h"

#include <netlink/msg.h>
#include <string.h>

#define SKIP (1u << 18)

static XfrmPlace
place (void)
{
  return (XfrmPlace){ .src = probe_address ("198.51.100.1"), .dst = probe_address ("198.51.100.2") };
}

static struct nl_msg *
answer_new (guint8 flags)
{
  struct xfrm_usersa_info info = { .family = 2, .flags = flags, .id = { .proto = 50 } };
  struct nl_msg *msg = nlmsg_alloc_size (8192);

  nlmsg_put (msg, 0, 0, XFRM_MSG_NEWSA, 0, 0);
  g_assert_cmpint (nlmsg_append (msg, &info, sizeof info, NLMSG_ALIGNTO), ==, 0);
  return msg;
}

static struct nl_msg *
move (struct nl_msg *answer)
{
  const XfrmPlace to = place ();

  return xfrm_build_sa_moved (nlmsg_hdr (answer), &to);
}

static struct nlattr *
find (struct nl_msg *msg, int type)
{
  return nlmsg_find_attr (nlmsg_hdr (msg), sizeof (struct xfrm_usersa_info), type);
}

static void
test_kept (void)
{
  static const int types[] = { XFRMA_REPLAY_THRESH,
                               XFRMA_MARK,
                               XFRMA_TFCPAD,
                               XFRMA_SET_MARK,
                               XFRMA_SET_MARK_MASK,
                               XFRMA_IF_ID,
                               XFRMA_SA_DIR,
                               XFRMA_SA_EXTRA_FLAGS,
                               XFRMA_SA_PCPU,
                               XFRMA_IPTFS_DROP_TIME,
                               XFRMA_IPTFS_REORDER_WINDOW,
                               XFRMA_IPTFS_DONT_FRAG,
                               XFRMA_IPTFS_INIT_DELAY,
                               XFRMA_IPTFS_MAX_QSIZE,
                               XFRMA_IPTFS_PKT_SIZE,
                               XFRMA_ALG_CRYPT };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      struct nl_msg *answer = answer_new (0), *moved;
      const guint8 octets[8] = { 1, 2, 3, 4, 5, 6, 7, (guint8) i };

      g_assert_cmpint (nla_put (answer, types[i], sizeof octets, octets), ==, 0);
      moved = move (answer);
      g_test_message ("attribute %d", types[i]);
      g_assert_nonnull (moved);
      g_assert_nonnull (find (moved, types[i]));
      g_assert_cmpmem (nla_data (find (moved, types[i])), nla_len (find (moved, types[i])), octets, sizeof octets);
      xfrm_msg_free (moved);
      nlmsg_free (answer);
    }
}

/* What belongs to the old place, and what only the kernel says. */
static void
test_not_kept (void)
{
  static const int types[] = { XFRMA_ENCAP, XFRMA_OFFLOAD_DEV, XFRMA_LASTUSED, XFRMA_COADDR, 200 };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      struct nl_msg *answer = answer_new (0), *moved;
      const guint8 octets[64] = { 1 };

      g_assert_cmpint (nla_put (answer, types[i], sizeof octets, octets), ==, 0);
      moved = move (answer);
      g_assert_nonnull (moved);
      g_assert_null (find (moved, types[i]));
      xfrm_msg_free (moved);
      nlmsg_free (answer);
    }
}

/* With a window that the old field does not hold, but without extended numbers (RFC 4303 section 3.3.3). */
static void
test_numbers (void)
{
  static const struct {
    gboolean extended;
    guint32 high, low, moved_high, moved_low;
  } rows[] = { { FALSE, 0, 0, 0, 0 },
               { FALSE, 0, 5, 0, 5 + SKIP },
               { FALSE, 0, G_MAXUINT32 - SKIP, 0, G_MAXUINT32 },
               { FALSE, 0, G_MAXUINT32 - SKIP + 1, 0, G_MAXUINT32 },
               { FALSE, 0, G_MAXUINT32, 0, G_MAXUINT32 },
               { TRUE, 0, 0, 0, 0 },
               { TRUE, 0, 5, 0, 5 + SKIP },
               { TRUE, 0, G_MAXUINT32, 1, SKIP - 1 },
               { TRUE, 3, 0, 3, SKIP } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      struct xfrm_replay_state_esn state = { .replay_window = 64,
                                             .oseq = rows[i].low,
                                             .oseq_hi = rows[i].high,
                                             .seq = 77,
                                             .seq_hi = 7 },
                                   is;
      struct nl_msg *answer = answer_new (rows[i].extended ? XFRM_STATE_ESN : 0), *moved;

      g_assert_cmpint (nla_put (answer, XFRMA_REPLAY_ESN_VAL, sizeof state, &state), ==, 0);
      moved = move (answer);
      memcpy (&is, nla_data (find (moved, XFRMA_REPLAY_ESN_VAL)), sizeof is);
      g_assert_cmpuint (is.oseq, ==, rows[i].moved_low);
      g_assert_cmpuint (is.oseq_hi, ==, rows[i].moved_high);
      /* what has been received stays received */
      g_assert_cmpuint (is.seq, ==, 77);
      g_assert_cmpuint (is.seq_hi, ==, 7);
      g_assert_cmpuint (is.replay_window, ==, 64);
      xfrm_msg_free (moved);
      nlmsg_free (answer);
    }
}

static void
test_malformed (void)
{
  struct nl_msg *answer = answer_new (0), *large = answer_new (0), *moved;
  const guint8 octets[2048] = { 0 };

  g_assert_cmpint (nla_put (answer, XFRMA_COADDR, 8, octets), ==, 0);
  moved = move (answer);
  g_assert_nonnull (moved);
  xfrm_msg_free (moved);
  find (answer, XFRMA_COADDR)->nla_len = 2;
  g_assert_null (move (answer));
  /* what is added must have room beside it */
  g_assert_cmpint (nla_put (large, XFRMA_COADDR, sizeof octets, octets), ==, 0);
  g_assert_null (move (large));
  nlmsg_free (answer);
  nlmsg_free (large);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/xfrm-moved/kept", test_kept);
  g_test_add_func ("/helper/xfrm-moved/not-kept", test_not_kept);
  g_test_add_func ("/helper/xfrm-moved/numbers", test_numbers);
  g_test_add_func ("/helper/xfrm-moved/malformed", test_malformed);
  return g_test_run ();
}
