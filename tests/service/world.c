/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doubles. See world.h. */
#include "world.h"

#include "nm/log.h"
#include "world-guard.h"

#include <string.h>

World *world;
static gint64 now = G_GINT64_CONSTANT (1000000000);
static GPtrArray *held; /* Answer */
static guint answers; /* promised and not yet given */
static gboolean helper_dead;

/* ---- the clock ---- */

typedef struct {
  GSource source;
  gint64 due, interval;
} Timer;

static gboolean
timer_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return ((Timer *) source)->due <= now;
}

static gboolean
timer_check (GSource *source)
{
  return ((Timer *) source)->due <= now;
}

static gboolean
timer_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  ((Timer *) source)->due += ((Timer *) source)->interval;
  return func (data);
}

static GSourceFuncs timer_funcs = { timer_prepare, timer_check, timer_dispatch, NULL, NULL, NULL };

static guint
timer_add (gint64 interval, GSourceFunc func, gpointer data)
{
  GSource *source = g_source_new (&timer_funcs, sizeof (Timer));
  guint id;

  ((Timer *) source)->due = now + interval;
  ((Timer *) source)->interval = interval;
  g_source_set_callback (source, func, data, NULL);
  id = g_source_attach (source, NULL);
  g_source_unref (source);
  return id;
}

guint __wrap_g_timeout_add (guint ms, GSourceFunc func, gpointer data);
guint __wrap_g_timeout_add_seconds (guint s, GSourceFunc func, gpointer data);
gint64 __wrap_g_get_monotonic_time (void);

guint
__wrap_g_timeout_add (guint ms, GSourceFunc func, gpointer data)
{
  return timer_add (ms * G_GINT64_CONSTANT (1000), func, data);
}

guint
__wrap_g_timeout_add_seconds (guint s, GSourceFunc func, gpointer data)
{
  return timer_add (s * G_GINT64_CONSTANT (1000000), func, data);
}

gint64
__wrap_g_get_monotonic_time (void)
{
  return now;
}

void
world_advance (guint ms)
{
  now += ms * G_GINT64_CONSTANT (1000);
  world_settle ();
}

int
world_next_timeout (void)
{
  GMainContext *context = g_main_context_default ();
  GPollFD fds[32];
  int priority, timeout = -1;

  world_settle ();
  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, priority, &timeout, fds, G_N_ELEMENTS (fds));
  g_main_context_release (context);
  return timeout;
}

/* ---- the transcript ---- */

static void G_GNUC_PRINTF (1, 2) call (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (world->calls, g_strdup_vprintf (format, args));
  va_end (args);
}

guint
world_count (const char *pattern)
{
  guint count = 0;

  for (guint i = 0; i < world->calls->len; i++)
    count += g_pattern_match_simple (pattern, world->calls->pdata[i]);
  return count;
}

static gboolean
on_too_long (gpointer data)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < world->calls->len; i++)
    g_string_append_printf (all, "\n  %s", (char *) world->calls->pdata[i]);
  g_error ("waited in vain for \"%s\"; so far:%s", (const char *) data, all->str);
  return G_SOURCE_REMOVE;
}

void
world_wait (const char *pattern, guint count)
{
  /* _full is not wrapped: real time */
  guint watchdog = g_timeout_add_full (G_PRIORITY_DEFAULT, 30000, on_too_long, (gpointer) pattern, NULL);

  g_assert_cmpuint (count, >, 0);
  while (world_count (pattern) < count)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (watchdog);
}

void
world_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
on_log_line (IkeLogLevel level, const LogFields *fields, const char *text, gpointer data)
{
  if (level <= IKE_LOG_ERROR)
    world->errors_logged++;
  g_ptr_array_add (world->log, g_strdup_printf ("%d %s %s %s", (int) level, fields->reason ? fields->reason : "-",
                                                fields->uuid ? fields->uuid : "-", text));
}

/* ---- answers ---- */

typedef struct {
  Asked what;
  GCallback func;
  gpointer data;
  char *host;
} Answer;

static void
give_resolved (const Answer *answer, GError *error)
{
  IkeAddress addresses[16] = { 0 };

  for (guint i = 0; i < world->resolved; i++)
    {
      g_autofree char *text =
          i % 2 ? g_strdup_printf ("2001:db8::%u", i / 2 + 1) : g_strdup_printf ("192.0.2.%u", i / 2 + 1);

      g_assert_true (ike_address_from_string (world->resolves_to ? world->resolves_to : text, &addresses[i]));
    }
  ((HelperResolveFunc) answer->func) (error ? NULL : addresses, error ? 0 : world->resolved, error, answer->data);
}

static void
give_credentials (const Answer *answer, GError *error)
{
  HelperCredentials *credentials = NULL;

  if (!error)
    {
      credentials = g_new0 (HelperCredentials, 1);
      credentials->key = world->key_type == IKE_KEY_NONE ? 0 : 7;
      credentials->key_type = world->key_type;
      credentials->key_bits = 2048;
      credentials->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      credentials->cas = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    }
  ((HelperCredentialsFunc) answer->func) (credentials, error, answer->data);
}

static void
give_addresses (const Answer *answer, GError *error)
{
  const IkeAddress own[2] = { { IKE_FAMILY_IP4, { 10, 1, 0, 1 } }, { IKE_FAMILY_IP6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } } };

  ((HelperResolveFunc) answer->func) (own, error ? 0 : 2, error, answer->data);
}

static gboolean linkless; /* that was asked for */

static gboolean
give (gpointer data)
{
  g_autofree Answer *answer = data;
  g_autofree char *host = answer->host;
  g_autoptr (GError) error = g_steal_pointer (&world->error[answer->what]);
  const HelperLink none = { .kind = HELPER_LINK_NONE };
  HelperLink link = { .kind = HELPER_LINK_XFRM, .name = "nm-ipsec0", .ifindex = 5, .if_id = 9 };

  if (helper_dead && !error)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "The helper is gone");
  answers--;
  switch (answer->what)
    {
    case ASKED_BEGIN:
    case ASKED_GUARD:
    case ASKED_SERVER:
    case ASKED_PAD:
    case ASKED_LABEL:
    case ASKED_END:
      ((HelperDoneFunc) answer->func) (error, answer->data);
      break;
    case ASKED_LINK:
      ((HelperLinkFunc) answer->func) (error ? NULL : linkless ? &none : &link, error, answer->data);
      break;
    case ASKED_RESOLVE:
      give_resolved (answer, error);
      break;
    case ASKED_CREDENTIALS:
      give_credentials (answer, error);
      break;
    case ASKED_ADDRESSES:
      give_addresses (answer, error);
      break;
    case ASKED_STOP:
    case ASKED_N:
      g_assert_not_reached ();
    }
  return G_SOURCE_REMOVE;
}

void
world_promise (Asked what, GCallback func, gpointer data)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->what = what;
  answer->func = func;
  answer->data = data;
  answers++;
  if (world->hold[what] && !helper_dead)
    g_ptr_array_add (held, answer);
  else
    g_idle_add (give, answer);
}

static void driver_stopped (void);

void
world_release (Asked what)
{
  world->hold[what] = FALSE;
  if (what == ASKED_STOP)
    driver_stopped ();
  for (guint i = 0; i < held->len;)
    {
      Answer *answer = held->pdata[i];

      if (answer->what == what)
        {
          g_ptr_array_remove_index (held, i);
          give (answer);
        }
      else
        i++;
    }
}

void
world_fail (Asked what, GQuark domain, int code, const char *text)
{
  g_clear_error (&world->error[what]);
  world->error[what] = g_error_new_literal (domain, code, text);
}

void
world_helper_dies (void)
{
  helper_dead = TRUE;
  while (held->len)
    give (g_ptr_array_steal_index (held, 0));
}

/* ---- helper-client.h ---- */

G_DEFINE_QUARK (helper - credential - error, helper_credential_error)

HelperClient *
world_helper (void)
{
  return (HelperClient *) 1;
}

void
helper_credentials_free (HelperCredentials *credentials)
{
  if (!credentials)
    return;
  g_clear_pointer (&credentials->certificates, g_ptr_array_unref);
  g_clear_pointer (&credentials->cas, g_ptr_array_unref);
  g_free (credentials);
}

void
helper_client_begin (HelperClient *client, const char *uuid, gboolean guarded, HelperDoneFunc func, gpointer data)
{
  call ("begin %s%s", uuid, guarded ? " guarded" : "");
  world_promise (ASKED_BEGIN, G_CALLBACK (func), data);
}

void
helper_client_guard (HelperClient *client, const HelperGuard *guard, HelperDoneFunc func, gpointer data)
{
  call ("guard%s", world_guard_text (guard));
  world_promise (ASKED_GUARD, G_CALLBACK (func), data);
}

void
helper_client_resolve (HelperClient *client, const char *host, HelperResolveFunc func, gpointer data)
{
  call ("resolve %s", host);
  world_promise (ASKED_RESOLVE, G_CALLBACK (func), data);
}

/* What was remembered stays for the next session, as the real helper's file does. */
static char *memory_name;
static guint memory_value;

void
helper_client_addresses (HelperClient *client, const GArray *inside, HelperResolveFunc func, gpointer data)
{
  call ("addresses %u", inside->len);
  world_promise (ASKED_ADDRESSES, G_CALLBACK (func), data);
}

void
helper_client_recall (HelperClient *client, const char *name, HelperRecallFunc func, gpointer data)
{
  func (g_strcmp0 (name, memory_name) == 0 ? memory_value : 0, data);
}

void
helper_client_remember (HelperClient *client, const char *name, guint value)
{
  call ("remember %s %u", name, value);
  g_free (memory_name);
  memory_name = g_strdup (name);
  memory_value = value;
}

void
helper_client_server (HelperClient *client, const char *users, const char *file_user, const char *pam,
                      HelperDoneFunc func, gpointer data)
{
  call ("server %s %s %s", users ? users : "-", file_user ? file_user : "-", pam ? pam : "-");
  world_promise (ASKED_SERVER, G_CALLBACK (func), data);
}

void
helper_client_pad (HelperClient *client, const char *path, const char *user, HelperDoneFunc func, gpointer data)
{
  call ("pad %s %s", path, user ? user : "-");
  world_promise (ASKED_PAD, G_CALLBACK (func), data);
}

void
helper_client_link (HelperClient *client, const HelperLinkWish *wish, HelperLinkFunc func, gpointer data)
{
  static const char *const kinds[] = { "auto", "xfrm", "vti", "none" };

  call ("link %s %s%s%s", kinds[wish->kind], wish->name && wish->name[0] ? wish->name : "-",
        wish->dscp_not_out ? " dscp-not-out" : "", wish->dscp_in ? " dscp-in" : "");
  linkless = wish->kind == HELPER_LINK_NONE;
  world_promise (ASKED_LINK, G_CALLBACK (func), data);
}

#define OR_DASH(text) ((text) ? (text) : "-")
void
helper_client_credentials (HelperClient *client, const HelperCredentialSpec *spec, HelperCredentialsFunc func,
                           gpointer data)
{
  call ("credentials %s %s %s %s%s %s", OR_DASH (spec->certificate), OR_DASH (spec->private_key), OR_DASH (spec->ca),
        OR_DASH (spec->pin ? spec->pin : spec->key_password), spec->pin_typed ? "!" : "", OR_DASH (spec->user));
  world_promise (ASKED_CREDENTIALS, G_CALLBACK (func), data);
}

void
helper_client_end (HelperClient *client, HelperDoneFunc func, gpointer data)
{
  call ("end");
  world_promise (ASKED_END, G_CALLBACK (func), data);
}

/* ---- driver.h ---- */

struct _Driver {
  const DriverEvents *events;
  gpointer data;
  DriverStart *start;
};

static Driver *driver;

static void
start_free (DriverStart *start)
{
  ike_config_free (start->config);
  helper_credentials_free (start->credentials);
  g_clear_pointer (&start->pools, g_array_unref);
  g_clear_pointer (&start->leases, g_bytes_unref);
  g_clear_pointer (&start->eap_cas, g_ptr_array_unref);
  ike_identity_free (start->eap_server);
  g_clear_pointer (&start->kept, g_hash_table_unref);
  g_free (start->redirect_to);
  g_free (start->pad.name);
  g_free (start);
}

Driver *
driver_new (HelperClient *helper, const IkeCrypto *crypto, const DriverEvents *events, gpointer data)
{
  g_assert_null (driver);
  driver = g_new0 (Driver, 1);
  driver->events = events;
  driver->data = data;
  world->drivers++;
  return driver;
}

void
driver_free (Driver *self)
{
  if (!self)
    return;
  g_assert_true (self == driver);
  call ("free");
  g_clear_pointer (&self->start, start_free);
  g_clear_pointer (&driver, g_free);
  world->start = NULL;
  world->drivers--;
}

void
driver_start (Driver *self, DriverStart *take_start)
{
  g_autofree char *remote = ike_endpoint_to_string (&take_start->remote);

  if (take_start->pools)
    call ("listen %u", take_start->pools->len);
  else
    call ("start %s", remote);
  self->start = take_start;
  world->start = take_start;
}

void
driver_give_secret (Driver *self, guint32 number, IkeSecret *take_secret)
{
  call ("secret %u %.*s", number, take_secret ? (int) ike_secret_len (take_secret) : 1,
        take_secret ? (const char *) ike_secret_data (take_secret) : "-");
  ike_secret_free (take_secret);
}

static gboolean
on_driver_stopped (gpointer data)
{
  driver_stopped ();
  return G_SOURCE_REMOVE;
}

static void
driver_stopped (void)
{
  if (driver)
    world_driver_down (IKE_REASON_USER_STOP, NULL);
}

void
driver_stop (Driver *self)
{
  call ("stop");
  if (!world->hold[ASKED_STOP])
    g_idle_add (on_driver_stopped, NULL);
}

/* "10.9.0.5/32 fd00::5/64": virtual addresses; everything goes through. */
static IkeConfigured *
between (const char *local_first, const char *local_last, const char *remote_first, const char *remote_last)
{
  IkeConfigured *configured = ike_configured_new ();
  IkeSelector local = { .port_last = 65535 }, remote = { .port_last = 65535 };

  configured->path.remote = driver->start->remote;
  g_assert_true (ike_address_from_string ("192.0.2.7", &configured->path.local.address));
  g_assert_true (ike_address_from_string (local_first, &local.first) &&
                 ike_address_from_string (local_last, &local.last) &&
                 ike_address_from_string (remote_first, &remote.first) &&
                 ike_address_from_string (remote_last, &remote.last));
  g_array_append_val (configured->local_ts, local);
  g_array_append_val (configured->remote_ts, remote);
  return configured;
}

static IkeConfigured *
between_nets (void)
{
  return between ("10.1.0.0", "10.1.255.255", "10.2.0.0", "10.2.255.255");
}

static void
tell_up (IkeConfigured *take_configured)
{
  driver->events->up (take_configured, driver->data);
  ike_configured_free (take_configured);
}

void
world_driver_up_peer (void)
{
  tell_up (between_nets ());
}

void
world_driver_up_hosts (void)
{
  tell_up (between ("192.0.2.7", "192.0.2.7", "192.0.2.1", "192.0.2.1"));
}

const DriverEvents *
world_driver_events (gpointer *ret_data)
{
  *ret_data = driver->data;
  return driver->events;
}

void
world_driver_waiting (IkeReasonCode code)
{
  IkeConfigured *configured = between_nets ();
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, NULL);
  driver->events->waiting (configured, &reason, driver->data);
  ike_configured_free (configured);
}

void
world_driver_listening (void)
{
  driver->events->listening (driver->data);
}

void
world_driver_client (guint32 client, const char *who)
{
  g_autoptr (IkeConfigured) configured = NULL;

  if (!who)
    {
      driver->events->client (client, NULL, driver->data);
      return;
    }
  configured = ike_configured_new ();
  configured->remote_id = ike_identity_new (IKE_ID_FQDN, who, strlen (who));
  g_assert_true (ike_address_from_string ("203.0.113.5", &configured->path.remote.address));
  driver->events->client (client, configured, driver->data);
}

void
world_driver_up (const char *addresses)
{
  IkeConfigured *configured = ike_configured_new ();
  g_auto (GStrv) list = g_strsplit (addresses, " ", -1);

  configured->path.remote = driver->start->remote;
  configured->overhead = 80;
  configured->ike_suite = g_strdup ("IKE-SUITE");
  configured->child_suite = g_strdup ("ESP-SUITE");
  configured->ke_group = IKE_KE_CURVE25519;
  for (char **item = list; *item && **item; item++)
    {
      g_auto (GStrv) parts = g_strsplit (*item, "/", 2);
      IkePrefix prefix = { .prefix = (guint8) atoi (parts[1]) };
      IkeSelector all = { .port_last = 65535 }, own = { .port_last = 65535 };

      g_assert_true (ike_address_from_string (parts[0], &prefix.address));
      g_array_append_val (configured->addresses, prefix);
      own.first = own.last = prefix.address;
      g_array_append_val (configured->local_ts, own);
      all.first.family = all.last.family = prefix.address.family;
      memset (all.last.bytes, 0xff, prefix.address.family == IKE_FAMILY_IP4 ? 4 : 16);
      g_array_append_val (configured->remote_ts, all);
    }
  tell_up (configured);
}

void
world_driver_reconnecting (IkeReasonCode code)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, "detail of %s", ike_reason_code_name (code));
  driver->events->reconnecting (&reason, driver->data);
}

void
world_driver_stalled (IkeReasonCode code)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, NULL);
  driver->events->stalled (&reason, driver->data);
}

void
world_driver_down (IkeReasonCode code, const char *detail)
{
  g_auto (IkeReason) reason = { 0 };

  ike_reason_set (&reason, code, 0, detail ? "%s" : NULL, detail);
  driver->events->down (&reason, driver->data);
}

void
world_driver_ask (guint32 number, IkeSecretKind kind, guint attempt, const char *message)
{
  driver->events->need_secret (number, kind, attempt, message, driver->data);
}

/* ---- the world ---- */

static gboolean
supports_all (const IkeCrypto *self, IkeTransformType type, guint16 id, guint16 key_bits)
{
  return TRUE;
}

const IkeCrypto *
world_crypto (void)
{
  static const IkeCrypto crypto = { .supports = supports_all };

  return &crypto;
}

void
world_new (void)
{
  world = g_new0 (World, 1);
  world->calls = g_ptr_array_new_with_free_func (g_free);
  world->log = g_ptr_array_new_with_free_func (g_free);
  world->resolved = 1;
  world->key_type = IKE_KEY_RSA;
  held = g_ptr_array_new ();
  helper_dead = FALSE;
  log_set_writer (on_log_line, NULL);
}

void
world_free (void)
{
  world_settle ();
  g_assert_null (driver);
  g_assert_cmpuint (world->drivers, ==, 0);
  g_assert_cmpuint (answers, ==, 0);
  for (guint i = 0; i < ASKED_N; i++)
    g_clear_error (&world->error[i]);
  g_ptr_array_unref (world->calls);
  g_ptr_array_unref (world->log);
  g_ptr_array_unref (held);
  g_clear_pointer (&world, g_free);
  log_set_writer (NULL, NULL);
}
