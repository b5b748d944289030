/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server answers about its clients, over doubles of the helper. */
#include "serve.h"

#include <string.h>

/* ---- the helper ---- */

static HelperDoneFunc authorized; /* the question to PAM, while it is open */
static gpointer authorized_data;
static guint saved;
static char *kept;

void
helper_client_authorize (HelperClient *client, const char *name, const char *host, HelperDoneFunc func, gpointer data)
{
  g_assert_cmpstr (name, ==, "alice");
  g_assert_null (authorized);
  authorized = func;
  authorized_data = data;
}

void
helper_client_user (HelperClient *client, const char *user, HelperPasswordFunc func, gpointer data)
{
  g_assert_not_reached ();
}

void
helper_client_save_state (HelperClient *client, const char *state, gsize len)
{
  saved++;
  g_free (kept);
  kept = g_strndup (state, len);
}

static void
pam_says (GError *take_error)
{
  g_autoptr (GError) error = take_error;
  HelperDoneFunc func = authorized;

  g_assert_nonnull (func);
  authorized = NULL;
  func (error, authorized_data);
}

/* ---- the engine ---- */

/* Others each time. */
static gboolean
some_octets (const IkeCrypto *crypto, guint8 *out, gsize len)
{
  static guint8 next;

  for (gsize i = 0; i < len; i++)
    out[i] = next++ * 7u;
  return TRUE;
}

static void
on_answer (IkeInput *take_answer, gpointer data)
{
  IkeInput **ret = data;

  g_assert_null (*ret);
  *ret = take_answer;
}

static void
admit (Serve *serve, guint32 client, IkeInput **ret_answer)
{
  g_autoptr (IkeIdentity) alice = ike_identity_new (IKE_ID_FQDN, "alice", 5);
  IkeJob job = { 0 };

  job.admit.client = client;
  job.admit.identity = alice;
  job.admit.want4 = TRUE;
  g_assert_true (ike_address_from_string ("192.0.2.9", &job.admit.remote.address));
  serve_admit (serve, &job, on_answer, ret_answer);
}

static void
answer_free (IkeInput *answer)
{
  ike_reason_clear (&answer->reason);
  g_free (answer);
}

/* The fourth octet; 0: no lease. */
static guint
lease_of (IkeInput *take_answer)
{
  guint octet;

  g_assert_nonnull (take_answer);
  octet = take_answer->ok && take_answer->lease4.family ? take_answer->lease4.bytes[3] : 0;
  answer_free (take_answer);
  return octet;
}

static Serve *
serve_of (gboolean pam)
{
  g_autoptr (GArray) pools = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  IkeSelector pool = { 0 };

  g_assert_true (ike_address_from_string ("10.9.0.0", &pool.first));
  g_assert_true (ike_address_from_string ("10.9.0.255", &pool.last));
  g_array_append_val (pools, pool);
  return serve_new ((HelperClient *) 1, pools, pam);
}

static void
test_pam (void)
{
  g_autoptr (Serve) serve = serve_of (TRUE);
  IkeInput *yes = NULL, *no = NULL;

  admit (serve, 1, &yes);
  g_assert_null (yes);
  pam_says (NULL);
  g_assert_cmpuint (lease_of (yes), !=, 0);
  admit (serve, 2, &no);
  pam_says (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "account expired"));
  g_assert_false (no->ok);
  g_assert_cmpint (no->reason.code, ==, IKE_REASON_LIMIT);
  answer_free (no);
}

/* Who has left while PAM was asked gets no lease, which nobody would give back; it is there for the next time. */
static void
test_gone_meanwhile (void)
{
  g_autoptr (Serve) serve = serve_of (TRUE);
  IkeInput *before = NULL, *left = NULL, *again = NULL;
  guint octet;

  admit (serve, 1, &before);
  pam_says (NULL);
  octet = lease_of (before);
  serve_gone (serve, 1);
  admit (serve, 2, &left);
  serve_gone (serve, 3); /* somebody else */
  serve_gone (serve, 2);
  g_assert_null (left);
  pam_says (NULL);
  g_assert_nonnull (left);
  g_assert_false (left->ok);
  g_assert_cmpuint (lease_of (left), ==, 0);
  admit (serve, 4, &again);
  pam_says (NULL);
  g_assert_cmpuint (lease_of (again), ==, octet);
}

/* PAM answers after the server has ended. */
static void
test_late (void)
{
  Serve *serve = serve_of (TRUE);
  IkeInput *answer = NULL;

  admit (serve, 1, &answer);
  serve_free (serve);
  g_assert_null (answer);
  pam_says (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "the helper is gone"));
  g_assert_nonnull (answer);
  g_assert_false (answer->ok);
  answer_free (answer);
}

static void
test_without_pam (void)
{
  Serve *serve = serve_of (FALSE);
  IkeInput *answer = NULL;
  guint before = saved;

  admit (serve, 1, &answer);
  g_assert_cmpuint (lease_of (answer), !=, 0);
  serve_free (serve);
  g_assert_cmpuint (saved, ==, before + 1);
}

/* The secret outlives a restart, however soon that comes; also that of a peer, which has no addresses for others. */
static void
test_secret (void)
{
  g_clear_pointer (&kept, g_free); /* what the others have */
  for (guint peer = 0; peer < 2; peer++)
    {
      const IkeCrypto crypto = { .random = some_octets };
      Serve *serve = peer ? serve_new ((HelperClient *) 1, NULL, FALSE) : serve_of (FALSE);
      g_autoptr (IkeSecret) first = serve_secret (serve, &crypto), second = NULL;
      g_autofree char *state = g_steal_pointer (&kept);

      g_assert_nonnull (state);
      serve_free (serve);
      serve = peer ? serve_new ((HelperClient *) 1, NULL, FALSE) : serve_of (FALSE);
      serve_load (serve, state, strlen (state));
      second = serve_secret (serve, &crypto);
      g_assert_cmpmem (ike_secret_data (first), ike_secret_len (first), ike_secret_data (second),
                       ike_secret_len (second));
      serve_free (serve);
      g_assert_null (kept);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/serve/pam", test_pam);
  g_test_add_func ("/service/serve/gone-meanwhile", test_gone_meanwhile);
  g_test_add_func ("/service/serve/late", test_late);
  g_test_add_func ("/service/serve/without-pam", test_without_pam);
  g_test_add_func ("/service/serve/secret", test_secret);
  return g_test_run ();
}
