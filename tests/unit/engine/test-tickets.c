/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A responder's tickets: what goes in comes out, once, while it is valid; and nothing else does. */
#include "crypto-test.h"
#include "sa/tickets.h"
#include "secret-count.h"

#define DAY (24 * 3600 * IKE_SECOND)

static IkeSession *
session_new (gsize id_len, IkeTime expires)
{
  IkeSession *session = g_new0 (IkeSession, 1);
  g_autofree guint8 *id = g_malloc0 (id_len + 4);

  id[0] = IKE_ID_KEY_ID;
  session->refs = 1;
  session->sk_d = ike_secret_new_from ("the old SK_d, of thirty-two octets", 32);
  session->suite = (IkeSuite){
    .protocol = IKE_PROTOCOL_IKE, .encr = IKE_ENCR_AES_GCM_16, .encr_bits = 256, .prf = IKE_PRF_HMAC_SHA2_256
  };
  session->id_i = g_bytes_new (id, id_len + 4);
  session->id_r = g_bytes_new_static ("\2\0\0\0gw", 6);
  session->peer_id = ike_identity_new (IKE_ID_FQDN, "alice", 5);
  session->authenticated = 7;
  session->expires = expires;
  session->client = 42;
  return session;
}

static GBytes *
seal (IkeTickets *tickets, IkeTime now, gsize id_len, IkeTicketRef *ret_ref)
{
  g_autoptr (IkeSession) session = session_new (id_len, now + DAY);

  return ike_tickets_seal (tickets, test_crypto (), now, session, ret_ref);
}

static gboolean
opens (IkeTickets *tickets, IkeTime now, const guint8 *data, gsize len)
{
  IkeTicketRef ref;
  g_autoptr (IkeSession) session = ike_tickets_open (tickets, test_crypto (), now, ike_chunk (data, len), &ref);

  return session != NULL;
}

static gboolean
opens_all (IkeTickets *tickets, IkeTime now, GBytes *ticket)
{
  return opens (tickets, now, g_bytes_get_data (ticket, NULL), g_bytes_get_size (ticket));
}

static void
test_round (void)
{
  IkeTickets *tickets = ike_tickets_new ();
  g_autoptr (IkeSession) in = session_new (8, DAY);
  g_autoptr (IkeSession) out = NULL;
  IkeTicketRef given, shown;
  g_autoptr (GBytes) ticket = ike_tickets_seal (tickets, test_crypto (), 0, in, &given);

  out = ike_tickets_open (tickets, test_crypto (), 1, ike_chunk_bytes (ticket), &shown);
  g_assert_nonnull (out);
  g_assert_true (ike_secret_equal (in->sk_d, out->sk_d) && g_bytes_equal (in->id_i, out->id_i) &&
                 g_bytes_equal (in->id_r, out->id_r) && ike_identity_equal (in->peer_id, out->peer_id));
  g_assert_true (out->suite.encr == in->suite.encr && out->suite.encr_bits == 256 && out->suite.prf == in->suite.prf &&
                 out->suite.integ == 0 && out->client == 42 && out->authenticated == 7 && out->expires == DAY);
  g_assert_true (shown.key == given.key && shown.number == given.number);
  /* as often as one likes until it is used */
  g_assert_true (opens_all (tickets, 1, ticket));
  g_assert_true (ike_tickets_use (tickets, given));
  g_assert_false (ike_tickets_use (tickets, given));
  g_assert_false (opens_all (tickets, 1, ticket));
  ike_tickets_free (tickets);
}

static void
test_time (void)
{
  IkeTickets *tickets = ike_tickets_new ();
  IkeTicketRef ref, last;
  g_autoptr (GBytes) first = seal (tickets, 0, 8, &ref);
  g_autoptr (GBytes) second = seal (tickets, IKE_TICKET_KEY_TIME - 1, 8, &last);
  g_autoptr (GBytes) third = NULL;
  g_autoptr (GBytes) fourth = NULL;

  g_assert_true (opens_all (tickets, DAY - 1, first));
  g_assert_false (opens_all (tickets, DAY, first));
  /* made by another key, and the one before is still known */
  third = seal (tickets, IKE_TICKET_KEY_TIME, 8, &ref);
  g_assert_cmpuint (ref.key, ==, last.key + 1);
  g_assert_true (opens_all (tickets, IKE_TICKET_KEY_TIME, second) && opens_all (tickets, IKE_TICKET_KEY_TIME, third));
  /* one more, and it is forgotten */
  fourth = seal (tickets, 2 * IKE_TICKET_KEY_TIME, 8, &ref);
  g_assert_false (ike_tickets_use (tickets, last));
  g_assert_false (opens_all (tickets, IKE_TICKET_KEY_TIME, second));
  ike_tickets_free (tickets);
}

static void
test_damaged (void)
{
  IkeTickets *tickets = ike_tickets_new (), *others = ike_tickets_new ();
  IkeTicketRef ref;
  g_autoptr (GBytes) ticket = seal (tickets, 0, 8, &ref);
  g_autoptr (GBytes) other = seal (others, 0, 8, &ref);
  g_autofree guint8 *copy = NULL;
  gsize len;

  copy = g_memdup2 (g_bytes_get_data (ticket, &len), g_bytes_get_size (ticket));
  for (gsize n = 0; n < len; n++)
    g_assert_false (opens (tickets, 1, copy, n));
  for (gsize at = 0; at < len; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        copy[at] ^= (guint8) (1u << bit);
        g_assert_false (opens (tickets, 1, copy, len));
        copy[at] ^= (guint8) (1u << bit);
      }
  g_assert_true (opens (tickets, 1, copy, len));
  /* of somebody else, and before there is any key */
  g_assert_false (opens_all (tickets, 1, other));
  ike_tickets_free (others);
  others = ike_tickets_new ();
  g_assert_false (opens_all (others, 1, ticket));
  g_assert_false (ike_tickets_use (others, (IkeTicketRef){ 0 }));
  ike_tickets_free (others);
  ike_tickets_free (tickets);
}

static void
test_sizes (void)
{
  IkeTickets *tickets = ike_tickets_new ();
  IkeTicketRef ref = { 0 };
  gsize most = 0;

  for (gsize n = 1; n < IKE_TICKET_MAX; n++)
    {
      g_autoptr (GBytes) ticket = seal (tickets, 0, n, &ref);

      g_assert_true (ticket == NULL || g_bytes_get_size (ticket) <= IKE_TICKET_MAX);
      most = ticket ? n : most;
    }
  g_assert_cmpuint (most, >, 1000);
  g_assert_cmpuint (most, <, IKE_TICKET_MAX - 100);
  ike_tickets_free (tickets);
}

/* What a key has given out is remembered to the last one. */
static void
test_many (void)
{
  IkeTickets *tickets = ike_tickets_new ();
  IkeTicketRef refs[300];

  for (guint i = 0; i < G_N_ELEMENTS (refs); i++)
    {
      g_autoptr (GBytes) ticket = seal (tickets, 0, 8, &refs[i]);
      g_assert_nonnull (ticket);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refs); i += 3)
    g_assert_true (ike_tickets_use (tickets, refs[i]));
  for (guint i = 0; i < G_N_ELEMENTS (refs); i++)
    g_assert_cmpint (ike_tickets_use (tickets, refs[i]), ==, i % 3 != 0);
  g_assert_false (ike_tickets_use (tickets, (IkeTicketRef){ refs[0].key, G_N_ELEMENTS (refs) }));
  ike_tickets_free (tickets);
}

static void
test_nothing_left (void)
{
  g_assert_cmpint (secret_count_live (), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tickets/round", test_round);
  g_test_add_func ("/tickets/time", test_time);
  g_test_add_func ("/tickets/damaged", test_damaged);
  g_test_add_func ("/tickets/sizes", test_sizes);
  g_test_add_func ("/tickets/many", test_many);
  g_test_add_func ("/tickets/nothing-left", test_nothing_left);
  return g_test_run ();
}
