/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cve-2013-6467: every protected message of either end with each of its payloads omitted in turn. What is missing is
 * refused by the right word and for the right reason, or was not needed; and both ends agree about what is left.
 */
#include "sim-clear.h"

#include "wire/payload-notify.h"

typedef enum { CERTS = 1, ADDRESS = 2, EAP = 4, ADDKE = 8 } Setting;
/* what is looked at: the way up, or what comes later */
typedef enum { UP, CHILD_BY_CLIENT, CHILD_BY_GATEWAY, IKE_BY_CLIENT, IKE_BY_GATEWAY, NEW_CHILD, N_SCENES } Scene;
typedef enum { FROM_CLIENT = 1, FROM_GATEWAY = 2, FROM_ANY = 3 } From;

/* What comes of it. */
typedef struct {
  IkeExchange exchange;
  gboolean answer;
  From from;
  guint8 type;
  guint16 said; /* by the other end, in whatever it says; 0: no error */
  IkeReasonCode reason; /* of the client's end; NONE: it is up, perhaps again */
  guint16 notify; /* the omitted notification; 0: whatever it is */
} Row;

#define ROW(exchange, answer, from, payload, ...)                                                                      \
 {                                                                                                                     \
  IKE_EXCHANGE_##exchange, answer, FROM_##from, IKE_PAYLOAD_##payload, __VA_ARGS__                                     \
 }
#define SYNTAX IKE_NOTIFY_INVALID_SYNTAX
#define DENIED IKE_NOTIFY_AUTHENTICATION_FAILED

/* clang-format off */
/* The first that fits. */
static const Row rows[] = {
  ROW (IKE_AUTH, FALSE, CLIENT, IDI, SYNTAX, IKE_REASON_PEER_SYNTAX),
  ROW (IKE_AUTH, FALSE, CLIENT, SA, SYNTAX, IKE_REASON_PEER_SYNTAX),
  ROW (IKE_AUTH, FALSE, CLIENT, TSI, SYNTAX, IKE_REASON_PEER_SYNTAX),
  ROW (IKE_AUTH, FALSE, CLIENT, TSR, SYNTAX, IKE_REASON_PEER_SYNTAX),
  ROW (IKE_AUTH, FALSE, CLIENT, CP, IKE_NOTIFY_FAILED_CP_REQUIRED, IKE_REASON_CP_REQUIRED),
  ROW (IKE_AUTH, FALSE, CLIENT, EAP, SYNTAX, IKE_REASON_PEER_ERROR),
  ROW (IKE_AUTH, FALSE, CLIENT, IDR, 0, IKE_REASON_NONE),
  /* who verifies chains is not here, and has nothing against it: test-sim-cve.c has what he sees */
  ROW (IKE_AUTH, FALSE, CLIENT, CERT, 0, IKE_REASON_NONE),
  ROW (IKE_AUTH, FALSE, CLIENT, CERTREQ, 0, IKE_REASON_NONE),
  ROW (IKE_AUTH, FALSE, CLIENT, NOTIFY, 0, IKE_REASON_NONE),
  ROW (IKE_AUTH, TRUE, GATEWAY, IDR, 0, IKE_REASON_BAD_MESSAGE),
  ROW (IKE_AUTH, TRUE, GATEWAY, CERT, 0, IKE_REASON_NONE),
  ROW (IKE_AUTH, TRUE, GATEWAY, SA, 0, IKE_REASON_NO_CHILD),
  ROW (IKE_AUTH, TRUE, GATEWAY, TSI, 0, IKE_REASON_NO_CHILD),
  ROW (IKE_AUTH, TRUE, GATEWAY, TSR, 0, IKE_REASON_NO_CHILD),
  ROW (IKE_AUTH, TRUE, GATEWAY, CP, 0, IKE_REASON_NO_ADDRESS),
  ROW (IKE_AUTH, TRUE, GATEWAY, NOTIFY, 0, IKE_REASON_NONE),

  ROW (IKE_INTERMEDIATE, FALSE, CLIENT, KE, SYNTAX, IKE_REASON_PEER_SYNTAX),
  ROW (IKE_INTERMEDIATE, TRUE, GATEWAY, KE, 0, IKE_REASON_BAD_MESSAGE),

  /* not a rekey any more: of a client another Child SA, of a gateway one that nobody has asked for */
  ROW (CREATE_CHILD_SA, FALSE, CLIENT, NOTIFY, 0, IKE_REASON_NONE, IKE_NOTIFY_REKEY_SA),
  ROW (CREATE_CHILD_SA, FALSE, GATEWAY, NOTIFY, IKE_NOTIFY_NO_ADDITIONAL_SAS, IKE_REASON_PEER_DELETED, IKE_NOTIFY_REKEY_SA),
  ROW (CREATE_CHILD_SA, TRUE, ANY, NOTIFY, 0, IKE_REASON_NONE, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE),

  ROW (IKE_FOLLOWUP_KE, FALSE, ANY, NOTIFY, IKE_NOTIFY_STATE_NOT_FOUND, IKE_REASON_NONE, IKE_NOTIFY_ADDITIONAL_KEY_EXCHANGE),
  ROW (IKE_FOLLOWUP_KE, FALSE, CLIENT, KE, SYNTAX, IKE_REASON_NONE),
  ROW (IKE_FOLLOWUP_KE, FALSE, GATEWAY, KE, SYNTAX, IKE_REASON_BAD_MESSAGE),
};
/* clang-format on */

typedef struct {
  Sim *sim;
  SimHost *client, *gateway;
  guint message, payload; /* that is omitted */
  guint seen; /* messages of the scene */
  guint n; /* payloads that the message had */
  gboolean done;
  Row what; /* was omitted, and was said */
  guint16 method_of; /* the type of the message's first payload */
} World;

/* A request or an answer of the scene, or what is said about it. */
static gboolean
omit (const SimClear *clear, IkeBuilder *instead, gpointer data)
{
  World *world = data;
  From from = clear->from_initiator ? FROM_CLIENT : FROM_GATEWAY;
  const IkePayload *omitted;
  IkeNotify notify;
  guint index = 0;

  if (world->done)
    {
      if (!world->what.said && from != world->what.from && ike_notify_find_error (clear->payloads, &notify))
        world->what.said = notify.type;
      return FALSE;
    }
  if (clear->header->exchange == IKE_EXCHANGE_INFORMATIONAL || world->seen++ != world->message)
    return FALSE;
  world->n = clear->payloads->n;
  if (world->payload >= world->n)
    return FALSE;
  omitted = &clear->payloads->at[world->payload];
  world->done = TRUE;
  world->what = (Row){ .exchange = (IkeExchange) clear->header->exchange,
                       .answer = (clear->header->flags & IKE_FLAG_RESPONSE) != 0,
                       .from = from,
                       .type = omitted->type };
  world->method_of = clear->payloads->at[0].type;
  for (guint i = 0; i < clear->payloads->n; i++)
    {
      const IkePayload *payload = &clear->payloads->at[i];

      if (payload->type == IKE_PAYLOAD_NOTIFY && ike_notify_next (clear->payloads, 0, &index, &notify) &&
          payload == omitted)
        world->what.notify = notify.type;
      if (payload != omitted)
        ike_builder_add (instead, (IkePayloadType) payload->type, payload->body);
    }
  return TRUE;
}

static void
give_addresses (World *world)
{
  IkeServe *serve = ike_serve_new ();

  serve->pool4 = TRUE;
  world->gateway->config->serve = serve;
  world->gateway->pool4 = "10.9.0.0";
  world->client->config->want_address4 = TRUE;
  g_ptr_array_set_size (world->gateway->config->child.remote_ts, 0);
  g_ptr_array_set_size (world->client->config->child.local_ts, 0);
}

static void
sign_in_by_eap (World *world)
{
  static const char *const passwords[] = { "a long password", NULL };
  static const char *const users[] = { "alice", "a long password", NULL };
  IkeConfig *config = world->client->config;

  config->local_auth = world->gateway->config->remote_auth = IKE_AUTH_EAP;
  config->eap_identity = g_strdup ("alice");
  config->eap_methods = 1u << IKE_EAP_MSCHAPV2;
  world->client->passwords = passwords;
  g_clear_pointer (&world->gateway->config->remote_id, ike_identity_free);
  world->gateway->users = users;
}

static void
prepare (World *world, guint settings, Scene scene)
{
  world->sim = sim_new (1);
  world->client = sim_client (world->sim);
  world->gateway = sim_gateway (world->sim);
  if (settings & CERTS)
    sim_signatures (world->client, world->gateway);
  if (settings & ADDRESS)
    give_addresses (world);
  if (settings & EAP)
    sign_in_by_eap (world);
  world->client->config->keep_trying = scene == NEW_CHILD;
  for (guint i = 0; i < 2; i++)
    {
      IkeConfig *config = (i ? world->gateway : world->client)->config;

      config->child.pfs = TRUE;
      config->ike_lifetime = 4 * 3600 * IKE_SECOND;
      config->ike_rekey_margin = 600 * IKE_SECOND;
      config->dpd_delay = 20 * IKE_SECOND;
      if (settings & ADDKE)
        {
          sim_offer (config->proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
          sim_offer (config->child_proposals, IKE_TRANSFORM_ADDKE1, IKE_KE_ECP_384);
        }
    }
}

static void
play (World *world, Scene scene)
{
  SimHost *by = scene == CHILD_BY_CLIENT || scene == IKE_BY_CLIENT ? world->client : world->gateway;

  switch (scene)
    {
    case UP:
    case N_SCENES:
      return;
    case CHILD_BY_CLIENT:
    case CHILD_BY_GATEWAY:
      sim_expire (by, sim_kernel_outbound (&by->kernel)->spi, FALSE);
      return;
    case IKE_BY_CLIENT:
    case IKE_BY_GATEWAY:
      sim_hasten (by, "rekey");
      return;
    case NEW_CHILD:
      sim_expire (by, sim_kernel_outbound (&by->kernel)->spi, TRUE);
      return;
    }
}

static gboolean
is_first_auth (const World *world)
{
  return world->method_of == IKE_PAYLOAD_IDI || world->method_of == IKE_PAYLOAD_IDR;
}

/* What the table cannot tell by the payload alone: in CREATE_CHILD_SA and with AUTH. */
static void
expect (const World *world, Scene scene, gboolean additional, guint16 *ret_said, IkeReasonCode *ret_reason)
{
  const Row *what = &world->what;
  gboolean ike = scene == IKE_BY_CLIENT || scene == IKE_BY_GATEWAY;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].exchange == what->exchange && rows[i].answer == what->answer && rows[i].from & what->from &&
        rows[i].type == what->type && (!rows[i].notify || rows[i].notify == what->notify))
      {
        *ret_said = rows[i].said;
        *ret_reason = rows[i].reason;
        return;
      }
  *ret_said = what->answer ? 0 : SYNTAX;
  if (what->exchange == IKE_EXCHANGE_IKE_AUTH && what->type == IKE_PAYLOAD_EAP)
    {
      /* the first answer with EAP is else that of a gateway that wants none */
      *ret_said = is_first_auth (world) ? DENIED : 0;
      *ret_reason = is_first_auth (world) ? IKE_REASON_PEER_METHOD : IKE_REASON_BAD_MESSAGE;
    }
  else if (what->exchange == IKE_EXCHANGE_IKE_AUTH)
    {
      sim_assert (world->sim, what->type == IKE_PAYLOAD_AUTH);
      /* without AUTH it is asked, or asks, for EAP; after EAP there must be one */
      if (is_first_auth (world))
        *ret_said = DENIED;
      if (is_first_auth (world))
        *ret_reason = what->answer ? IKE_REASON_PEER_METHOD : IKE_REASON_PEER_REFUSED_US;
      else
        *ret_reason = what->answer ? IKE_REASON_BAD_MESSAGE : IKE_REASON_PEER_ERROR;
    }
  else if (what->exchange == IKE_EXCHANGE_IKE_FOLLOWUP_KE)
    {
      /* a Child SA is given back; with another IKE SA the gateway is where nobody answers */
      sim_assert (world->sim, what->answer && what->type == IKE_PAYLOAD_KE);
      *ret_reason = scene == IKE_BY_CLIENT ? IKE_REASON_PEER_DEAD : IKE_REASON_NONE;
    }
  else
    {
      sim_assert (world->sim, what->exchange == IKE_EXCHANGE_CREATE_CHILD_SA && what->type != IKE_PAYLOAD_NOTIFY);
      if (what->type == IKE_PAYLOAD_KE && !ike)
        {
          /* it chooses a group, and has no value of it; an answer without is given back */
          *ret_said = what->answer ? 0 : IKE_NOTIFY_INVALID_KE_PAYLOAD;
          *ret_reason = IKE_REASON_NONE;
        }
      else if (what->from == FROM_GATEWAY)
        *ret_reason = IKE_REASON_BAD_MESSAGE;
      else if (!what->answer)
        *ret_reason = IKE_REASON_NONE; /* it begins anew: PEER_SYNTAX */
      else
        /* with another IKE SA that it has already it begins anew when nobody answers there */
        *ret_reason = ike && !additional ? IKE_REASON_NONE : IKE_REASON_PEER_DELETED;
    }
}

static void
judge (World *world, Scene scene, gboolean additional)
{
  Sim *sim = world->sim;
  IkeReasonCode reason;
  guint16 said;

  expect (world, scene, additional, &said, &reason);
  sim_note (sim, "%s %s of the %s without %s %s: %s %s, wanted %s %s", IKE_NAME (EXCHANGE, world->what.exchange),
            world->what.answer ? "answer" : "request", world->what.from == FROM_CLIENT ? "client" : "gateway",
            IKE_NAME (PAYLOAD, world->what.type), world->what.notify ? IKE_NAME (NOTIFY, world->what.notify) : "",
            IKE_NAME (NOTIFY, world->what.said), ike_reason_code_name (world->client->reason.code),
            IKE_NAME (NOTIFY, said), ike_reason_code_name (reason));
  sim_assert (sim, world->what.said == said);
  if (reason != IKE_REASON_NONE && scene != NEW_CHILD)
    {
      sim_assert (sim, world->client->downs == 1 && world->client->reason.code == reason);
      sim_assert (sim, !world->client->kernel.sas->len && !world->gateway->kernel.sas->len);
    }
  else
    {
      sim_assert (sim, !world->client->downs && world->client->ups > 0);
      sim_assert_agree (world->client, world->gateway, 1);
    }
}

/* FALSE: the message has no such payload, or there is none. */
static gboolean
run (guint settings, Scene scene, guint message, guint payload, guint *ret_n)
{
  World world = { .message = message, .payload = payload };
  gboolean done;

  prepare (&world, settings, scene);
  sim_listen (world.gateway);
  if (scene == UP)
    sim_clear_watch (omit, &world);
  sim_start (world.client);
  sim_run (world.sim, IKE_SECOND);
  if (scene != UP)
    {
      sim_assert (world.sim, world.client->ups == 1 && world.gateway->ups == 1);
      sim_clear_watch (omit, &world);
      play (&world, scene);
    }
  sim_run (world.sim, 4 * IKE_SECOND);
  done = world.done;
  /* what one end takes for good and the other does not is found out by asking */
  sim_run (world.sim, 196 * IKE_SECOND);
  *ret_n = world.n;
  if (done)
    judge (&world, scene, (settings & ADDKE) != 0);
  sim_clear_watch (NULL, NULL);
  sim_end (world.sim);
  return done;
}

static void
test_omit (gconstpointer data)
{
  guint settings = GPOINTER_TO_UINT (data) / N_SCENES, done = 0, n = 0;
  Scene scene = (Scene) (GPOINTER_TO_UINT (data) % N_SCENES);

  for (guint message = 0; message == 0 || n > 0; message++)
    for (guint payload = 0; payload == 0 || payload < n; payload++)
      done += run (settings, scene, message, payload, &n);
  g_assert_cmpuint (done, >=, scene == UP ? 15 : 6);
}

int
main (int argc, char **argv)
{
  static const char *const scenes[] = {
    "up", "child-by-client", "child-by-gateway", "ike-by-client", "ike-by-gateway", "new-child"
  };
  static const struct {
    const char *name;
    guint settings;
  } settings[] = {
    { "psk", 0 }, { "certificates", CERTS | ADDRESS }, { "eap", CERTS | ADDRESS | EAP }, { "additional", ADDKE }
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    for (guint scene = 0; scene < N_SCENES; scene++)
      {
        g_autofree char *path = g_strdup_printf ("/sim/omit/cve-2013-6467-%s/%s", settings[i].name, scenes[scene]);

        /* once they are up, those with certificates do nothing else */
        if (scene == UP || !(settings[i].settings & CERTS))
          g_test_add_data_func (path, GUINT_TO_POINTER (settings[i].settings * N_SCENES + scene), test_omit);
      }
  return g_test_run ();
}
