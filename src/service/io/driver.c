/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell around the engine. Everything that happens becomes one input; an input is handled, all outputs are acted
 * on, one deadline is armed. What an output's effect answers at once (a fast key exchange, an error of send) is queued
 * and handled after the outputs are drained, so that the engine is never entered twice.
 *
 * A driver lives until the last answer that was promised to it has come: driver_free() only closes it.
 */
#include "io/driver.h"

#include "io/clock.h"
#include "io/eap-tls.h"
#include "io/jobs.h"
#include "io/listeners.h"
#include "io/recording.h"
#include "io/report.h"
#include "io/sign.h"
#include "io/way.h"
#include "serve.h"
#include "watch.h"

#include <errno.h>
#include <malloc.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define CONNECTION 1
/* Between two clocks that are read one after the other there is less. */
#define SLEEP IKE_SECOND

struct _Driver {
  guint refs;
  gboolean closed, running, started;
  guint asked; /* requests to the kernel that have no answer yet */
  gboolean owes_listening; /* to be told when they all have */
  HelperClient *helper;
  const IkeCrypto *crypto;
  const DriverEvents *events;
  gpointer data;
  IkeEngine *engine;
  DriverStart *start;
  Serve *serve; /* NULL: we are a client */
  NssTrust *trust; /* made when a peer is verified for the first time */
  Way *way; /* NULL: we are a server */
  IkeTime slept; /* how much of the time since boot the machine has slept */
  Listeners *listeners; /* a server's, else NULL */
  NssTrust *eap_trust; /* the same for EAP servers */
  Revocation *revocation;
  GQueue inputs; /* IkeInput, owned */
  IkeRecorder *recorder; /* NULL: nothing is recorded */
  int timer_fd;
  guint timer_source;
};

/* What an answer has to find again. */
typedef struct {
  Driver *driver;
  guint32 number;
} Pending;

static void driver_unref (Driver *self);

static Pending *
pending_new (Driver *self, guint32 number)
{
  Pending *pending = g_new0 (Pending, 1);

  self->refs++;
  pending->driver = self;
  pending->number = number;
  return pending;
}

static void
pending_free (Pending *pending)
{
  driver_unref (pending->driver);
  g_free (pending);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pending, pending_free)

static IkeInput *
input_new (IkeInputType type)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = type;
  input->connection = CONNECTION;
  return input;
}

static void
input_free (Driver *self, IkeInput *input)
{
  ike_input_clear (self->crypto, input);
  g_free (input);
}

static void act (Driver *self, IkeOutput *output);

static void
arm (Driver *self)
{
  IkeTime deadline = ike_engine_deadline (self->engine, NULL);
  struct itimerspec spec = { 0 };

  if (deadline != IKE_TIME_NEVER)
    {
      /* zero would disarm; what is due already fires at once */
      deadline = MAX (deadline, 1);
      spec.it_value.tv_sec = deadline / IKE_SECOND;
      spec.it_value.tv_nsec = (deadline % IKE_SECOND) * 1000;
    }
  timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* Takes @take_input. */
static void
feed (Driver *self, IkeInput *take_input)
{
  g_queue_push_tail (&self->inputs, take_input);
  if (self->running)
    return;

  self->running = TRUE;
  self->refs++;
  while (!self->closed && (take_input = g_queue_pop_head (&self->inputs)))
    {
      IkeTime now = boottime ();
      IkeOutput *output;

      ike_recorder_input (self->recorder, take_input, now);
      ike_engine_handle (self->engine, take_input, now);
      input_free (self, take_input);
      while ((output = ike_engine_poll (self->engine)))
        {
          ike_recorder_output (self->recorder, output);
          if (!self->closed)
            act (self, output);
          ike_output_free (output);
        }
      ike_recorder_done (self->recorder);
    }
  self->running = FALSE;
  if (!self->closed)
    arm (self);
  driver_unref (self);
}

/* ---- answers ---- */

/* A mesh is there when its policies are: before that its hosts would be reached in the clear. */
static void
tell_listening (Driver *self)
{
  if (!self->owes_listening || self->asked || self->closed)
    return;
  self->owes_listening = FALSE;
  self->events->listening (self->data);
}

static void
on_kernel (const HelperKernelAnswer *answer, gpointer data)
{
  g_autoptr (Pending) pending = data;
  IkeInput *input = input_new (IKE_INPUT_KERNEL);

  pending->driver->asked--;
  input->number = pending->number;
  input->kernel_error = answer->error;
  input->kernel_text = g_strdup (answer->text);
  input->spi = answer->spi;
  input->cpi = answer->cpi;
  input->aggfrag = answer->aggfrag;
  input->cpus = answer->cpus;
  input->traffic_bytes = answer->bytes;
  input->traffic_packets = answer->packets;
  input->last_use = answer->last_use;
  feed (pending->driver, input);
  tell_listening (pending->driver);
}

/* Take the answer out of the finished job. */
static void
on_job (IkeInput *take_answer, gpointer data)
{
  g_autoptr (Pending) pending = data;

  take_answer->connection = CONNECTION;
  take_answer->number = pending->number;
  feed (pending->driver, take_answer);
}

static void
on_warning (const char *text, gpointer data)
{
  const Driver *self = data;
  const IkeLog log = { .level = IKE_LOG_WARNING, .event = "certificate", .text = (char *) text };

  if (!self->closed)
    self->events->log (&log, self->data);
}

/* The system's CA bundle has some 140 certificates to decode: only when it is needed. */
static const NssTrust *
driver_trust (Driver *self)
{
  g_autoptr (GPtrArray) nothing = NULL;
  GPtrArray *cas = self->start->credentials ? self->start->credentials->cas : NULL;

  if (!self->trust && self->start->credentials && self->start->credentials->remote_key)
    self->trust = nss_trust_new_raw (self->start->credentials->remote_key);
  if (!self->trust)
    {
      if (!cas)
        cas = nothing = g_ptr_array_new ();
      self->trust = self->start->pinned ? nss_trust_new_pinned (cas) : nss_trust_new (cas, NULL);
    }
  return self->trust;
}

static NssTrust *
driver_eap_trust (Driver *self)
{
  GPtrArray *cas = self->start->eap_cas;

  if (!cas)
    return nss_trust_ref ((NssTrust *) driver_trust (self));
  if (!self->eap_trust)
    self->eap_trust = nss_trust_new (cas, NULL);
  return nss_trust_ref (self->eap_trust);
}

static void
run_tls (Driver *self, const IkeTlsOrder *order, guint32 key, guint32 number)
{
  g_autoptr (NssTrust) trust = driver_eap_trust (self);
  const EapTlsServer server = { self->helper, key, self->revocation, trust, self->start->eap_server };

  eap_tls_run (&server, order, on_job, pending_new (self, number));
}

static void
act_job (Driver *self, IkeOutput *output)
{
  const IkeJob *job = output->job;
  guint32 key = self->start && self->start->credentials ? self->start->credentials->key : 0;
  const NssTrust *anchors = job->type == IKE_JOB_VERIFY ? driver_trust (self) : NULL;
  const JobTrust trust = { anchors, anchors && self->start->require_id_on_certificate, self->revocation };

  revocation_set_uplink (self->revocation, self->way ? way_get_uplink (self->way) : 0);
  switch (job->type)
    {
    case IKE_JOB_KE_GENERATE:
    case IKE_JOB_KE_FINISH:
    case IKE_JOB_KE_RESPOND:
    case IKE_JOB_VERIFY:
    case IKE_JOB_PUZZLE:
      job_run (self->crypto, job, &trust, on_job, pending_new (self, output->number));
      return;
    case IKE_JOB_SIGN:
      sign_run (self->helper, self->revocation, key, job, on_job, pending_new (self, output->number));
      return;
    case IKE_JOB_ADMIT:
      serve_admit (self->serve, job, on_job, pending_new (self, output->number));
      return;
    case IKE_JOB_TLS:
      run_tls (self, job->tls, key, output->number);
      return;
    case IKE_JOB_SECRET:
      if (job->secret.kind == IKE_SECRET_USER)
        serve_password (self->serve, job->secret.user, on_job, pending_new (self, output->number));
      else if (job->secret.kind == IKE_SECRET_PPK && self->start->pad.name)
        pad_take (&self->start->pad, self->helper, job->secret.id, on_job, pending_new (self, output->number));
      else
        self->events->need_secret (output->number, job->secret.kind, job->secret.attempt, job->secret.message, self->data);
      return;
    }
}

/* A client's or peer's path does not do, or another one is to be taken. */
static void
act_way (Way *way, const IkeOutput *output)
{
  if (output->type == IKE_OUTPUT_PATH_FAILS)
    way_failing (way, &output->path);
  else if (output->type == IKE_OUTPUT_UNANSWERED)
    way_unanswered (way, &output->path);
  else if (output->type == IKE_OUTPUT_REDIRECT)
    way_redirect (way, output->gateway);
  else
    way_try (way, output->gateway);
}

static void
act (Driver *self, IkeOutput *output)
{
  switch (output->type)
    {
    case IKE_OUTPUT_SEND:
      if (self->listeners)
        listeners_send (self->listeners, &output->path, output->datagram);
      else if (self->way)
        way_send (self->way, &output->path, output->datagram, output->pieces);
      return;
    case IKE_OUTPUT_KEEPALIVE:
      if (self->listeners)
        listeners_keepalive (self->listeners, &output->path);
      else if (self->way)
        way_keepalive (self->way, &output->path);
      return;
    case IKE_OUTPUT_JOB:
      act_job (self, output);
      return;
    case IKE_OUTPUT_JOB_CANCEL:
      self->events->secret_cancelled (output->number, self->data);
      return;
    case IKE_OUTPUT_KERNEL:
      self->asked++;
      helper_client_kernel (self->helper, output->kernel, on_kernel, pending_new (self, output->number));
      return;
    case IKE_OUTPUT_UP:
      if (self->listeners)
        {
          self->events->client (output->client, output->configured, self->data);
          return;
        }
      way_settled (self->way, &output->configured->path);
      self->events->up (output->configured, self->data);
      /* a tunnel stands for days: what the handshake needed goes back to the system */
      malloc_trim (0);
      return;
    case IKE_OUTPUT_WAITING:
      self->events->waiting (output->configured, &output->reason, self->data);
      return;
    case IKE_OUTPUT_RECONNECTING:
      self->events->reconnecting (&output->reason, self->data);
      return;
    case IKE_OUTPUT_DOWN:
      self->events->down (&output->reason, self->data);
      return;
    case IKE_OUTPUT_GONE:
      if (self->serve)
        serve_gone (self->serve, output->client);
      self->events->client (output->client, NULL, self->data);
      return;
    case IKE_OUTPUT_MOVED:
      if (self->way)
        way_settled (self->way, &output->path);
      self->events->moved (&output->path, self->data);
      return;
    case IKE_OUTPUT_PROBED:
      self->events->probed (output->number, output->probe, self->data);
      return;
    case IKE_OUTPUT_PATH_FAILS:
    case IKE_OUTPUT_UNANSWERED:
    case IKE_OUTPUT_REDIRECT:
    case IKE_OUTPUT_OTHER_ADDRESS:
      if (self->way)
        act_way (self->way, output);
      return;
    case IKE_OUTPUT_STALLED:
      self->events->stalled (&output->reason, self->data);
      return;
    case IKE_OUTPUT_HINT:
      return; /* told in UP as well, which is where the session keeps it */
    case IKE_OUTPUT_LOG:
      self->events->log (&output->log, self->data);
      return;
    }
}

/* ---- what happens ---- */

static void
on_news (IkeInputType what, gboolean ok, gpointer data)
{
  IkeInput *input = input_new (what);

  input->ok = ok;
  feed (data, input);
}

void
driver_check (Driver *self)
{
  g_autoptr (Pending) keep = pending_new (self, 0); /* whatever comes of the first may free us */

  if (!self->started)
    return;
  if (self->way)
    way_look (self->way);
  on_news (IKE_INPUT_CHECK, TRUE, self);
}

/* One clock has gone on while the machine slept, the other has not. There is always a timer of a living tunnel that was
 * due meanwhile, or soon is. */
static gboolean
on_timer (int fd, GIOCondition condition, gpointer data)
{
  Driver *self = data;
  g_autoptr (Pending) keep = pending_new (self, 0);
  IkeTime slept = boottime () - clock_now (CLOCK_MONOTONIC);
  guint64 count;

  /* EAGAIN: rearmed meanwhile */
  if (read (fd, &count, sizeof count) != sizeof count)
    return G_SOURCE_CONTINUE;
  if (slept - self->slept > SLEEP)
    driver_check (self);
  self->slept = slept;
  feed (self, input_new (IKE_INPUT_TICK));
  return G_SOURCE_CONTINUE;
}

static void
on_datagram (const IkePath *path, const guint8 *data, gsize len, gpointer user)
{
  Driver *self = user;
  IkeInput *input = input_new (IKE_INPUT_DATAGRAM);

  /* borrowed for the call: feed () handles it now, since the main loop is never inside the engine */
  g_assert (!self->running);
  input->path = *path;
  input->datagram = data;
  input->datagram_len = len;
  feed (self, input);
}

static void
on_unreachable (const IkePath *path, int error, gpointer user)
{
  IkeInput *input = input_new (IKE_INPUT_UNREACHABLE);

  input->path = *path;
  input->text = g_strerror (error);
  feed (user, input);
}

static void
on_expire (guint32 spi, const IkeAddress *dst, gboolean hard, gpointer user)
{
  IkeInput *input = input_new (IKE_INPUT_EXPIRE);

  input->spi = spi;
  input->path.remote.address = *dst;
  input->hard = hard;
  feed (user, input);
}

static void
on_mapping (guint32 spi, const IkeEndpoint *peer, gpointer user)
{
  IkeInput *input = input_new (IKE_INPUT_MAPPING);

  input->spi = spi;
  input->path.remote = *peer;
  feed (user, input);
}

static void
on_acquire (const IkeAddress *local, const IkeAddress *remote, gpointer user)
{
  IkeInput *input = input_new (IKE_INPUT_ACQUIRE);

  input->path.local.address = *local;
  input->path.remote.address = *remote;
  feed (user, input);
}

static const HelperEvents helper_events = { on_expire, on_mapping, on_acquire };

/* ---- start and stop ---- */

/* The first sockets, or those of another way to the gateway. */
static void
on_open (const IkePath *path, const IkePath *natt_path, gpointer data)
{
  Driver *self = data;
  IkeInput *input = input_new (self->started ? IKE_INPUT_PATH : IKE_INPUT_START);

  input->path = *path;
  input->natt_path = *natt_path;
  self->started = TRUE;
  feed (self, input);
}

static void
on_not_open (const GError *error, gboolean tcp, gpointer data)
{
  Driver *self = data;
  g_auto (IkeReason) reason = { 0 };

  driver_start_failed (self->start, error, tcp, &reason);
  self->events->down (&reason, self->data);
}

static void
on_sent_on (const IkeAddress *gateway, gpointer data)
{
  Driver *self = data;

  self->events->sent_on (gateway, self->data);
}

static gboolean
is_silent (gpointer data)
{
  return ike_engine_is_silent (((Driver *) data)->engine, CONNECTION);
}

static void
on_log (IkeLogLevel level, const char *text, gpointer data)
{
  Driver *self = data;
  const IkeLog log = { .level = level, .event = "tcp", .text = (char *) text };

  self->events->log (&log, self->data);
}

static const WayEvents way_events = {
  .open = on_open,
  .failed = on_not_open,
  .datagram = on_datagram,
  .unreachable = on_unreachable,
  .news = on_news,
  .sent_on = on_sent_on,
  .is_silent = is_silent,
  .log = on_log,
};

/* ---- a server's sockets ---- */

static void
on_told (IkeInputType what, const char *text, gpointer data)
{
  IkeInput *input = input_new (what);

  input->text = text;
  feed (data, input);
}

static void
on_listening (gpointer data)
{
  Driver *self = data;

  self->started = TRUE;
  on_told (IKE_INPUT_REDIRECT, self->start->redirect_to, self);
  feed (self, input_new (IKE_INPUT_LISTEN));
  self->owes_listening = TRUE;
  tell_listening (self);
}

static gboolean
is_used (const IkePath *path, gpointer data)
{
  return ike_engine_uses (((Driver *) data)->engine, path);
}

static const ListenersEvents listeners_events = { on_listening, on_not_open, on_datagram, on_told, is_used, on_log };

Driver *
driver_new (HelperClient *helper, const IkeCrypto *crypto, const DriverEvents *events, gpointer data)
{
  Driver *self = g_new0 (Driver, 1);

  self->refs = 1;
  self->helper = helper;
  self->crypto = crypto;
  self->events = events;
  self->data = data;
  self->recorder = recording_begin (crypto, on_warning, self);
  self->engine = ike_engine_new (self->recorder ? ike_recorder_crypto (self->recorder) : crypto);
  self->slept = boottime () - clock_now (CLOCK_MONOTONIC);
  g_queue_init (&self->inputs);
  self->timer_fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  g_assert (self->timer_fd >= 0);
  self->timer_source = watch_add (self->timer_fd, G_IO_IN, on_timer, self);
  helper_client_watch (helper, &helper_events, self);
  return self;
}

static void
driver_unref (Driver *self)
{
  IkeInput *input;

  if (--self->refs)
    return;
  while ((input = g_queue_pop_head (&self->inputs)))
    input_free (self, input);
  /* only now: a key exchange in a worker borrows its key from the engine */
  ike_engine_free (self->engine);
  ike_recorder_free (self->recorder);
  driver_start_free (self->start);
  g_clear_pointer (&self->trust, nss_trust_unref);
  g_clear_pointer (&self->eap_trust, nss_trust_unref);
  revocation_free (self->revocation);
  g_free (self);
}

void
driver_free (Driver *self)
{
  if (!self)
    return;
  self->closed = TRUE;
  helper_client_watch (self->helper, NULL, NULL);
  g_clear_pointer (&self->way, way_free);
  g_clear_pointer (&self->listeners, listeners_free);
  /* the leases are written while the helper still listens */
  g_clear_pointer (&self->serve, serve_free);
  g_source_remove (self->timer_source);
  close (self->timer_fd);
  driver_unref (self);
}

void
driver_start (Driver *self, DriverStart *take_start)
{
  const ListenersOptions served = { take_start->local, take_start->transport, take_start->tcp_port,
                                    take_start->pools ? take_start->netwatch : NULL, take_start->tunnel };
  const WayOptions options = { .remote = take_start->remote,
                               .local = take_start->local,
                               .any_port = take_start->any_port,
                               .transport = take_start->transport,
                               .tcp_port = take_start->tcp_port,
                               .netwatch = take_start->netwatch,
                               .tunnel = take_start->tunnel };
  gboolean listens = take_start->pools || take_start->config->mesh;

  g_return_if_fail (!self->start);
  self->start = take_start;
  self->revocation = revocation_new (self->helper, take_start->revocation, take_start->credentials, on_warning, self);
  revocation_keep_in (self->revocation, take_start->kept);
  if (take_start->config->role != IKE_ROLE_INITIATOR)
    {
      self->serve = serve_new (self->helper, take_start->pools, take_start->authorize);
      if (take_start->leases)
        serve_load (self->serve, g_bytes_get_data (take_start->leases, NULL), g_bytes_get_size (take_start->leases));
      take_start->config->qcd_secret = serve_secret (self->serve, self->crypto);
    }
  ike_recorder_config (self->recorder, take_start->config);
  ike_engine_add (self->engine, g_steal_pointer (&take_start->config));
  ike_recorder_done (self->recorder);
  if (listens)
    {
      self->listeners = listeners_new (self->helper, &served, &listeners_events, self);
      return;
    }
  self->way = way_new (self->helper, &options, &way_events, self);
  way_start (self->way);
}

void
driver_give_secret (Driver *self, guint32 number, IkeSecret *take_secret)
{
  IkeInput *input = input_new (IKE_INPUT_JOB);

  input->number = number;
  input->ok = take_secret != NULL;
  input->secret = take_secret;
  feed (self, input);
}

void
driver_stop (Driver *self)
{
  g_auto (IkeReason) reason = { 0 };

  if (self->started)
    {
      feed (self, input_new (IKE_INPUT_STOP));
      return;
    }
  ike_reason_set (&reason, IKE_REASON_USER_STOP, 0, NULL);
  self->events->down (&reason, self->data);
}

void
driver_probe (Driver *self, guint octets)
{
  IkeInput *input = input_new (IKE_INPUT_PROBE);

  input->number = octets;
  feed (self, input);
}

GVariant *
driver_report (const Driver *self)
{
  return report_sas (self->engine, boottime ());
}

guint
driver_get_path_mtu (const Driver *self)
{
  return self->way ? way_get_mtu (self->way) : 0;
}
