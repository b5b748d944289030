/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owns the order of one activation:
 *
 *   PREPARING    the helper's part and the names, all at once
 *   NEGOTIATING  a driver works on one gateway, or the user is being asked and the next driver waits for that
 *   UP           told to NetworkManager; RECONNECTING is NEGOTIATING again with the same driver, and so is a question
 *   STOPPING     the driver says goodbye
 *   FAILED       the failure is in the journal, and is told in the next turn of the main loop
 *   ENDING       the helper removes everything
 *   ENDED
 *
 * Invariants: the phase only grows, but between NEGOTIATING and UP and back to PREPARING for the next gateway; a driver
 * exists only in NEGOTIATING, UP and STOPPING; one failure is told at most, and none after session_stop().
 */
#include "nm/session-private.h"

#include "nm/hints.h"
#include "nm/ikeconfig.h"
#include "nm/meshconfig.h"
#include "nm/serveconfig.h"
#include "nm/segments.h"
#include "nm/system-policy.h"
#include "nm/start.h"
#include "nm/status.h"

#include <string.h>

#define IKE_PORT 500
/* How long the gateway may take to let us go. */
#define STOP_SECONDS 3

static void dial (Session *self);
static void redial (Session *self);
static void hear_news (Session *self, gboolean listen);

static Session *
session_ref (Session *self)
{
  self->refs++;
  return self;
}

static void
session_unref (Session *self)
{
  if (--self->refs)
    return;
  asking_free (self->asking);
  activation_free (self->activation);
  clients_free (self->clients);
  g_free (self->host);
  failure_free (self->failure);
  telling_clear (&self->telling);
  g_hash_table_unref (self->kept);
  g_free (self);
}

/* Keeps the session through an event that may free it. */
typedef Session SessionRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionRef, session_unref)

/* In the next turn of the main loop: no event comes out of a call. */
static void
later (Session *self, GSourceFunc func)
{
  g_clear_handle_id (&self->idle, g_source_remove);
  self->idle = g_idle_add_full (G_PRIORITY_DEFAULT, func, self, NULL);
}

/* ---- the ends ---- */

/* The driver is over; now the helper. */
static void
end (Session *self)
{
  self->phase = PHASE_ENDING;
  asking_end (self->asking);
  g_clear_pointer (&self->driver, driver_free);
  hear_news (self, FALSE);
  g_clear_pointer (&self->gateways, gateways_free);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  setup_end (self->setup);
}

static void
on_setup_ended (gpointer data)
{
  Session *self = data;

  self->phase = PHASE_ENDED;
  self->events->ended (self->data);
}

static gboolean
tell_down (gpointer data)
{
  g_autoptr (SessionRef) self = session_ref (data);

  self->idle = 0;
  self->events->down (self->failure, self->data);
  if (!self->closed)
    end (self);
  return G_SOURCE_REMOVE;
}

static void
fail (Session *self, Failure *take_failure)
{
  g_autoptr (Failure) failure = take_failure;

  if (self->phase >= PHASE_STOPPING)
    return;
  self->phase = PHASE_FAILED;
  asking_end (self->asking);
  failure_log (failure, self->activation->uuid, NULL);
  if (self->telling.been_up)
    guard_keep (setup_guard (self->setup));
  g_clear_pointer (&self->failure, failure_free);
  self->failure = g_steal_pointer (&failure);
  g_clear_pointer (&self->driver, driver_free);
  later (self, tell_down);
}

/* ---- the driver ---- */

static void
report (Session *self, const IkeConfigured *configured)
{
  IpconfigOptions options = session_ipconfig_options (self);
  gboolean silent = telling_is_empty (&self->telling);

  if (!telling_change (&self->telling, configured, &options))
    {
      fail (self, failure_new (FAILURE_BAD_ANSWER, self->host, NULL));
      return;
    }
  if (self->telling.now.outside)
    session_log (self, IKE_LOG_NOTICE,
                 "%u of the name servers that %s gives cannot be reached through the tunnel, and are left out",
                 self->telling.now.outside, self->host);
  self->phase = PHASE_UP;
  self->redialling = FALSE;
  gateways_answered (self->gateways);
  asking_reset (self->asking);
  self->untold = session_asked_in_vain (self);
  if (!self->untold && !(silent && telling_is_empty (&self->telling)))
    self->events->up (&self->telling.now, self->data);
  session_say_servers (self);
}

static gboolean
is_peer (const Session *self)
{
  return self->activation->profile->role == IPSEC_ROLE_PEER;
}

/* A peer that has waited said all of it then, and a client on demand may get what it had. */
static gboolean
is_told (const Session *self, const IkeConfigured *configured)
{
  IpconfigOptions options = session_ipconfig_options (self);

  return self->phase == PHASE_UP && (is_peer (self) || (self->activation->profile->start == IPSEC_START_ONDEMAND &&
                                                        telling_knows (&self->telling, configured, &options)));
}

static void
on_up (const IkeConfigured *configured, gpointer data)
{
  Session *self = data;

  if (self->phase != PHASE_NEGOTIATING && self->phase != PHASE_UP)
    return;
  session_log (self, IKE_LOG_NOTICE, "The tunnel to %s is up%s: IKE %s, ESP %s%s", self->host,
               self->tunnel_was_up ? " again" : "", configured->ike_suite ? configured->ike_suite : "?",
               configured->child_suite ? configured->child_suite : "?",
               ike_path_around (&configured->path, configured->encap));
  hints_learn (self->options.helper, self->host, configured->ke_group);
  guard_up (setup_guard (self->setup), configured);
  self->tunnel_was_up = self->stands = TRUE;
  self->put_off = SECRET_N;
  path_size_begin (&self->size, &configured->path);
  if (!is_told (self, configured))
    report (self, configured);
  if (self->phase != PHASE_UP)
    return;
  segments_limit (self->options.helper, self->activation, self->telling.now.mtu);
  session_measure (self);
}

/* The tunnel that came up while the user was being asked is lost again: the answer is of use once more. */
static void
unreach (Session *self)
{
  self->phase = PHASE_NEGOTIATING;
  self->untold = FALSE;
}

/* Whoever waits for the other end is connected, as far as NetworkManager is concerned. */
static void
on_waiting (const IkeConfigured *configured, const IkeReason *reason, gpointer data)
{
  Session *self = data;

  if (self->phase != PHASE_NEGOTIATING && self->phase != PHASE_UP)
    return;
  if (reason->code != IKE_REASON_NONE)
    failure_log_event (reason, self->host, self->activation->uuid, IKE_LOG_NOTICE, "waiting");
  guard_down (setup_guard (self->setup));
  session_log (self, IKE_LOG_NOTICE, "Waiting for %s%s", self->host,
               self->activation->profile->start == IPSEC_START_ONDEMAND ? ", or for traffic" : "");
  self->stands = FALSE;
  asking_forget_number (self->asking);
  if (session_asked_in_vain (self))
    unreach (self); /* the answer begins anew */
  else if (self->phase != PHASE_UP)
    report (self, configured);
}

static void
on_reconnecting (const IkeReason *reason, gpointer data)
{
  Session *self = data;

  if (self->phase != PHASE_NEGOTIATING && self->phase != PHASE_UP)
    return;
  self->stands = FALSE;
  /* The network may come and go; a gateway that says goodbye means it, unless the user wants to stay for ever, or could
   * not be asked for what it wanted. */
  if (reason->code == IKE_REASON_PEER_DELETED && !self->activation->persistent && !is_peer (self) &&
      self->put_off == SECRET_N)
    {
      fail (self, failure_new_from_reason (reason, self->host));
      return;
    }
  guard_down (setup_guard (self->setup));
  failure_log_event (reason, self->host, self->activation->uuid, IKE_LOG_WARNING, "reconnecting");
  unreach (self);
}

/* The same address in vain: another gateway may answer, or the name has another address by now. */
static void
on_stalled (const IkeReason *reason, gpointer data)
{
  Session *self = data;

  if (self->phase == PHASE_NEGOTIATING && gateways_may_differ (self->gateways))
    redial (self);
}

/* Where a secret was refused and could not be asked for again, that is the failure, not that it is missing. */
static Failure *
failure_of (const Session *self, const IkeReason *reason)
{
  gboolean eap = ipsec_profile_uses_eap (self->activation->profile);

  if (reason->code == IKE_REASON_SECRET_MISSING && self->refused)
    return failure_new (eap ? IKE_REASON_EAP_REFUSED : IKE_REASON_PEER_REFUSED_US, self->host, NULL);
  return failure_new_from_reason (reason, self->host);
}

/* Of several gateways, or addresses of one, the last that was tried says why; but "no route", which is usual for one of
 * two address families, hides no other. */
static void
remember_failure (Session *self, const IkeReason *reason)
{
  if (self->failure && reason->code == IKE_REASON_NO_ROUTE)
    return;
  failure_free (self->failure);
  self->failure = failure_of (self, reason);
}

/* Before the first tunnel only another address may help; afterwards a refusal may pass as well, as it may for a driver
 * that tries again by itself. */
static gboolean
may_go_on (const Session *self, const IkeReason *reason)
{
  if (self->redialling)
    return !ike_reason_is_final (reason->code);
  return !self->telling.been_up && failure_is_of_network (reason);
}

static void
on_down (const IkeReason *reason, gpointer data)
{
  Session *self = data;

  g_clear_pointer (&self->driver, driver_free);
  if (self->phase == PHASE_STOPPING)
    end (self);
  if (self->phase != PHASE_NEGOTIATING && self->phase != PHASE_UP)
    return;
  /* while the user thinks the gateway may lose patience: the answer starts a new negotiation */
  asking_forget_number (self->asking);
  self->stands = FALSE;
  if (asking_is_active (self->asking))
    {
      unreach (self);
      return;
    }
  if (self->phase == PHASE_NEGOTIATING && session_ask_after (self, reason))
    return;
  if (may_go_on (self, reason))
    {
      remember_failure (self, reason);
      self->tried++;
      self->phase = PHASE_PREPARING;
      dial (self);
    }
  else
    fail (self, failure_of (self, reason));
}

static void
on_sent_on (const IkeAddress *gateway, gpointer data)
{
  Guard *guard = setup_guard (((Session *) data)->setup);

  if (gateway)
    guard_dial (guard, gateway);
  else
    guard_sent_on (guard);
}

static void
on_log (const IkeLog *log, gpointer data)
{
  const Session *self = data;
  LogFields with = { .uuid = self->activation->uuid };

  log_engine (&with, log);
}

static void
on_listening (gpointer data)
{
  Session *self = data;
  const IpsecProfile *profile = self->activation->profile;
  g_auto (Ipconfig) ipconfig = { 0 };

  if (profile->role == IPSEC_ROLE_MESH ? !meshconfig_ipconfig (profile, self->options.netwatch, &ipconfig)
                                       : !serveconfig_ipconfig (profile, setup_tundev (self->setup), &ipconfig))
    fail (self, failure_new (FAILURE_LINK, self->host, "a server needs an interface of its own"));
  if (self->phase != PHASE_NEGOTIATING)
    return;
  session_log (self, IKE_LOG_NOTICE,
               profile->role == IPSEC_ROLE_MESH ? "Listening for the hosts of the mesh" : "Listening for clients");
  self->phase = PHASE_UP;
  self->telling.been_up = self->stands = TRUE;
  self->events->up (&ipconfig, self->data);
  if (profile->role == IPSEC_ROLE_MESH)
    return;
  segments_limit (self->options.helper, self->activation, IPCONFIG_DEFAULT_PATH_MTU - IPCONFIG_MAX_OVERHEAD);
}

static void
on_client (guint32 client, const IkeConfigured *configured, gpointer data)
{
  clients_change (((Session *) data)->clients, client, configured);
}

static const DriverEvents driver_events = {
  .up = on_up,
  .waiting = on_waiting,
  .reconnecting = on_reconnecting,
  .stalled = on_stalled,
  .down = on_down,
  .sent_on = on_sent_on,
  .moved = session_on_moved,
  .probed = session_on_probed,
  .need_secret = session_on_need_secret,
  .secret_cancelled = session_on_secret_cancelled,
  .log = on_log,
  .listening = on_listening,
  .client = on_client,
};

static void
start_driver (Session *self)
{
  g_autoptr (GError) error = NULL;
  IkeconfigInput input = {
    .profile = self->activation->profile,
    .name = self->activation->name,
    .host = self->host,
    .candidates = self->tried + gateways_count_left (self->gateways),
    .ke_hint = hints_get_group (self->host),
    .crypto = self->options.crypto,
    .resolvers = self->activation->tls != IPCONFIG_TLS_NO && session_has_link (self),
  };
  DriverStart *start = start_new (&input, self->setup, self->options.netwatch, &error);

  if (!start)
    {
      fail (self, failure_new_from_error (error, FAILURE_BAD_PROFILE, self->host));
      return;
    }
  start->remote = self->remote;
  start->kept = g_hash_table_ref (self->kept);
  self->phase = PHASE_NEGOTIATING;
  self->refused = FALSE;
  hear_news (self, FALSE);
  self->driver = driver_new (self->options.helper, self->options.crypto, &driver_events, self);
  guard_dial (setup_guard (self->setup), &self->remote.address);
  driver_start (self->driver, start);
}

/* ---- getting ready ---- */

static void
on_network_changed (gpointer data)
{
  gateways_hurry (((Session *) data)->gateways);
}

/* Of the network; a driver hears them itself. */
static void
hear_news (Session *self, gboolean listen)
{
  if (!self->options.netwatch || !listen == !self->listens)
    return;
  self->listens = listen;
  netwatch_listen (self->options.netwatch, listen ? on_network_changed : NULL, self);
}

static void
redial (Session *self)
{
  g_clear_pointer (&self->driver, driver_free);
  asking_forget_number (self->asking);
  self->tried = 0;
  self->redialling = TRUE;
  self->phase = PHASE_PREPARING;
  guard_look_up (setup_guard (self->setup));
  gateways_again (self->gateways);
  dial (self);
}

/* The next gateway, once everything is there. */
static void
dial (Session *self)
{
  g_auto (IkeReason) reason = { 0 };
  const char *host;
  guint seconds;

  if (self->phase != PHASE_PREPARING || !setup_is_ready (self->setup))
    return;
  if (!self->activation->profile->outer.gateways[0])
    {
      start_driver (self);
      return;
    }
  switch (gateways_next (self->gateways, &self->remote, &host, &reason))
    {
    case GATEWAYS_FOUND:
      g_free (self->host);
      self->host = g_strdup (host);
      session_log (self, IKE_LOG_INFO, "Trying %s", host);
      start_driver (self);
      break;
    case GATEWAYS_LATE:
      session_log (self, IKE_LOG_NOTICE, "The address of %s is still being looked up; its name servers are slow", host);
      break;
    case GATEWAYS_PENDING:
      break;
    case GATEWAYS_NO_MORE:
      /* NetworkManager keeps the tunnel's addresses and routes meanwhile: nothing leaves in the clear */
      if (self->redialling && (seconds = gateways_wait (self->gateways, self->activation->profile->outer.tries)))
        {
          session_log (self, IKE_LOG_INFO, "No gateway answers; trying again in %u s", seconds);
          hear_news (self, TRUE);
          break;
        }
      /* what happened with the last gateway that was tried, else why none has an address */
      fail (self, self->failure ? g_steal_pointer (&self->failure)
                                : failure_new_from_reason (&reason, self->activation->profile->outer.gateways[0]));
      break;
    }
}

static void
on_ready (gpointer data)
{
  dial (data);
}

static void
on_setup_failed (Failure *take_failure, gpointer data)
{
  fail (data, take_failure);
}

static void
on_key_password (const GError *error, gpointer data)
{
  Session *self = data;
  gboolean wrong_pin = g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PIN);
  gboolean wrong = wrong_pin || g_error_matches (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_PASSWORD);

  if (!session_ask (self, setup_key_secret (self->setup, error), wrong, 0, wrong_pin ? error->message : NULL))
    fail (self, failure_new_from_error (error, IKE_REASON_HELPER, NULL));
}

static const SetupEvents setup_events = {
  .ready = on_ready,
  .failed = on_setup_failed,
  .key_password = on_key_password,
  .ended = on_setup_ended,
};

void
session_start (Session *self)
{
  const IpsecProfile *profile = self->activation->profile;

  g_return_if_fail (self->phase == PHASE_NEW);
  self->phase = PHASE_PREPARING;
  activation_log (self->activation);
  system_policy_log (self->activation->uuid, self->options.crypto->fips, profile->protection.system_policy);
  /* names take their time elsewhere: they are looked up while the helper makes the rest */
  gateways_resolve (self->gateways);
  setup_start (self->setup);
  session_want_tls (self);
}

/* ---- what others want ---- */

void
session_new_secrets (Session *self, GVariant *settings)
{
  g_autoptr (IpsecSetting) setting = activation_setting (settings);
  SecretName name = asking_name (self->asking);

  if (!asking_is_active (self->asking) || !setting)
    return;
  asking_end (self->asking);
  if (self->untold)
    {
      self->untold = FALSE;
      self->events->up (&self->telling.now, self->data);
    }
  else if (!secrets_renew (self->activation->secrets, name, setting))
    fail (self, asking_failure (self->asking, self->host));
  else if (secret_opens_key (name))
    setup_load_credentials (self->setup);
  else if (self->driver && asking_number (self->asking) && (asking_is_soon (self->asking) || name == SECRET_OTP))
    driver_give_secret (self->driver, asking_number (self->asking), secrets_take (self->activation->secrets, name));
  else
    {
      g_clear_pointer (&self->driver, driver_free);
      start_driver (self);
    }
}

static gboolean
on_stop_timeout (gpointer data)
{
  Session *self = data;

  self->timer = 0;
  end (self);
  return G_SOURCE_REMOVE;
}

void
session_stop (Session *self)
{
  if (self->phase < PHASE_STOPPING)
    asking_log_unanswered (self->asking, self->host);
  switch (self->phase)
    {
    case PHASE_NEW:
    case PHASE_PREPARING:
    case PHASE_FAILED:
      end (self);
      return;
    case PHASE_NEGOTIATING:
    case PHASE_UP:
      break;
    case PHASE_STOPPING:
    case PHASE_ENDING:
    case PHASE_ENDED:
      return;
    }
  session_log (self, IKE_LOG_NOTICE, "%s, as asked", self->phase == PHASE_UP ? "Disconnecting" : "Giving up");
  if (!self->driver)
    {
      end (self);
      return;
    }
  self->phase = PHASE_STOPPING;
  asking_end (self->asking);
  g_clear_handle_id (&self->idle, g_source_remove);
  self->timer = g_timeout_add_seconds (STOP_SECONDS, on_stop_timeout, self);
  driver_stop (self->driver);
}

GVariant *
session_report (const Session *self)
{
  static const char *const names[] = { "new",      "preparing", "negotiating", "up",
                                       "stopping", "failed",    "ending",      "ended" };
  const Activation *a = self->activation;

  return status_report (a->uuid, a->name, self->host, names[self->phase], &self->telling.now, self->driver);
}

void
session_check (Session *self)
{
  if (self->driver)
    driver_check (self->driver);
  else if (self->gateways)
    gateways_hurry (self->gateways);
}

void
session_helper_gone (Session *self)
{
  if (self->phase == PHASE_STOPPING)
    end (self);
  else
    fail (self, failure_new (IKE_REASON_HELPER, self->host, "the helper process has ended"));
}

/* ---- the object ---- */

Session *
session_new (GVariant *connection, const SessionOptions *options, const SessionEvents *events, gpointer data,
             GError **error)
{
  Activation *activation = activation_new (connection, error);
  const IpsecOuter *outer;
  Session *self;

  if (!activation)
    return NULL;
  outer = &activation->profile->outer;
  self = g_new0 (Session, 1);
  self->refs = 1;
  self->options = *options;
  self->events = events;
  self->data = data;
  self->activation = activation;
  self->asking = asking_new (activation, session_on_ask, self);
  self->used = secret_of_eap (activation->profile);
  self->put_off = SECRET_N;
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->setup = setup_new (options->helper, activation, &setup_events, self);
  self->clients = clients_new (activation->uuid);
  self->host = outer->gateways[0] ? NULL : g_strdup (activation->name);
  self->gateways = gateways_new (options->helper, (const char *const *) outer->gateways,
                                 outer->remote_port ? outer->remote_port : IKE_PORT, on_ready, self);
  return self;
}

void
session_free (Session *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  self->phase = PHASE_ENDED;
  manager_version_forget (self->options.manager, self);
  g_clear_pointer (&self->driver, driver_free);
  hear_news (self, FALSE);
  asking_end (self->asking);
  g_clear_pointer (&self->setup, setup_free);
  g_clear_pointer (&self->gateways, gateways_free);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  session_unref (self);
}
