/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leases are written some seconds after they changed, so that many clients at once are one write, and at the end.
 *
 * Invariant: every question is answered exactly once, also after serve_free(): whoever asked may hold things for it.
 */
#include "serve.h"

#include "helper/channel-types.h"
#include "nss-name.h"

#include <string.h>

#define SAVE_SECONDS 5
/* the first line of what is kept */
#define SECRET_WORD "secret "
#define SECRET_LEN 32

struct _Serve {
  guint refs;
  HelperClient *helper;
  Pool *pool;
  char *secret; /* hexadecimal, of the tokens of RFC 6290; as old as the leases; NULL: not made yet */
  gboolean authorize, changed, closed;
  guint save_timer;
  GQueue questions; /* Question: to PAM */
};

typedef struct {
  Serve *serve;
  guint32 client;
  gboolean gone; /* the client, before there was an answer */
  IkeIdentity *identity; /* NULL: nobody in particular */
  gboolean want4, want6;
  ServeFunc func;
  gpointer data;
} Question;

static void
secret_clear (Serve *self)
{
  if (self->secret)
    explicit_bzero (self->secret, strlen (self->secret));
  g_clear_pointer (&self->secret, g_free);
}

static void
serve_unref (Serve *self)
{
  if (--self->refs)
    return;
  pool_free (self->pool);
  secret_clear (self);
  g_free (self);
}

static Question *
question_new (Serve *self, ServeFunc func, gpointer data)
{
  Question *question = g_new0 (Question, 1);

  self->refs++;
  question->serve = self;
  question->func = func;
  question->data = data;
  return question;
}

static void
question_free (Question *question)
{
  ike_identity_free (question->identity);
  serve_unref (question->serve);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static IkeInput *
answer_new (void)
{
  IkeInput *answer = g_new0 (IkeInput, 1);

  answer->type = IKE_INPUT_JOB;
  return answer;
}

/* ---- leases ---- */

static void
save (Serve *self)
{
  g_autofree char *leases = NULL, *state = NULL;

  if (!self->changed)
    return;
  self->changed = FALSE;
  leases = pool_save (self->pool);
  state = self->secret ? g_strconcat (SECRET_WORD, self->secret, "\n", leases, NULL) : g_strdup (leases);
  helper_client_save_state (self->helper, state, strlen (state));
  explicit_bzero (state, strlen (state));
}

static gboolean
on_save (gpointer data)
{
  Serve *self = data;

  self->save_timer = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
touch (Serve *self)
{
  self->changed = TRUE;
  if (!self->save_timer && !self->closed)
    self->save_timer = g_timeout_add_seconds (SAVE_SECONDS, on_save, self);
}

static void
give_lease (const Question *question)
{
  Serve *self = question->serve;
  IkeInput *answer = answer_new ();
  IkeAddress four = { 0 }, six = { 0 };

  answer->ok = TRUE;
  if ((question->want4 || question->want6) &&
      pool_lease (self->pool, question->client, question->identity, &four, &six))
    {
      if (question->want4)
        answer->lease4 = four;
      if (question->want6)
        answer->lease6 = six;
      touch (self);
    }
  question->func (answer, question->data);
}

/* ---- PAM ---- */

static void
refuse (Question *take_question, const char *why)
{
  IkeInput *answer = answer_new ();

  ike_reason_set (&answer->reason, IKE_REASON_LIMIT, 0, "%s", why);
  take_question->func (answer, take_question->data);
  question_free (take_question);
}

static void
on_authorized (GError *error, gpointer data)
{
  g_autoptr (Question) question = data;

  g_queue_remove (&question->serve->questions, question);
  if (question->gone)
    refuse (g_steal_pointer (&question), "the client has left"); /* nobody would give a lease back */
  else if (error)
    refuse (g_steal_pointer (&question), error->message);
  else
    give_lease (question);
}

void
serve_admit (Serve *self, const IkeJob *job, ServeFunc func, gpointer data)
{
  Question *question = question_new (self, func, data);
  g_autofree char *account = NULL;
  g_autofree char *host = NULL;

  question->client = job->admit.client;
  question->identity = job->admit.anonymous ? NULL : ike_identity_copy (job->admit.identity);
  question->want4 = job->admit.want4;
  question->want6 = job->admit.want6;
  if (!self->authorize)
    {
      give_lease (question);
      question_free (question);
      return;
    }
  /* names as they are, of a certificate's subject the text of it */
  account = nss_identity_to_string (job->admit.identity);
  host = ike_address_to_string (&job->admit.remote.address);
  if (*account && strlen (account) <= CHANNEL_MAX_CLIENT)
    {
      g_queue_push_tail (&self->questions, question);
      helper_client_authorize (self->helper, account, host, on_authorized, question);
    }
  else
    refuse (g_steal_pointer (&question), "no account has such a name");
}

void
serve_gone (Serve *self, guint32 client)
{
  for (GList *at = self->questions.head; at; at = at->next)
    {
      Question *question = at->data;

      question->gone |= question->client == client;
    }
  pool_release (self->pool, client);
}

/* ---- users ---- */

static void
on_password (IkeSecret *take_password, GError *error, gpointer data)
{
  g_autoptr (Question) question = data;
  IkeInput *answer = answer_new ();

  if (error)
    g_message ("%s", error->message);
  answer->ok = take_password != NULL;
  answer->secret = take_password;
  question->func (answer, question->data);
}

/* A name that nobody can have is asked for all the same: it takes as long. */
void
serve_password (Serve *self, const char *user, ServeFunc func, gpointer data)
{
  helper_client_user (self->helper, *user ? user : ":", on_password, question_new (self, func, data));
}

/* ---- the object ---- */

Serve *
serve_new (HelperClient *helper, const GArray *pools, gboolean authorize)
{
  Serve *self = g_new0 (Serve, 1);

  self->refs = 1;
  self->helper = helper;
  self->pool = pool_new (pools);
  self->authorize = authorize;
  return self;
}

void
serve_free (Serve *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->save_timer, g_source_remove);
  save (self);
  serve_unref (self);
}

const Pool *
serve_get_pool (const Serve *self)
{
  return self->pool;
}

void
serve_load (Serve *self, const char *state, gsize len)
{
  gsize word = strlen (SECRET_WORD), line = word + 2 * SECRET_LEN;

  if (len > line && memcmp (state, SECRET_WORD, word) == 0 && state[line] == '\n')
    {
      secret_clear (self);
      self->secret = g_strndup (state + word, 2 * SECRET_LEN);
      state += line + 1;
      len -= line + 1;
    }
  pool_load (self->pool, state, len);
}

IkeSecret *
serve_secret (Serve *self, const IkeCrypto *crypto)
{
  guint8 octets[SECRET_LEN];

  if (!self->secret && crypto->random (crypto, octets, sizeof octets))
    {
      self->secret = g_malloc0 (2 * SECRET_LEN + 1);
      for (guint i = 0; i < SECRET_LEN; i++)
        g_snprintf (self->secret + (gsize) 2 * i, 3, "%02x", octets[i]);
      explicit_bzero (octets, sizeof octets);
      self->changed = TRUE;
      save (self);
    }
  return self->secret ? ike_secret_new_from (self->secret, strlen (self->secret)) : NULL;
}
