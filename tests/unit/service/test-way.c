/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which uplink a gateway is dialled: over doubles of the sockets, the helper and the kernel's routes. */
#include "io/sockets.h"
#include "io/tcp-socket.h"
#include "io/way.h"

#include <gio/gio.h>
#include <string.h>

#define UPLINK 2
#define TUNNEL 7

static GString *calls; /* "pin 198.51.100.8 2; open 198.51.100.8 from 192.0.2.2; " */
static guint32 chosen; /* the link that the kernel would take */
static guint32 tunnel;
static const char *source = "192.0.2.2"; /* what the kernel would take by the uplink */
static const char *elsewhere; /* an address of another link */
static gboolean no_uplinks, no_sockets;
static HelperDoneFunc pinned;
static gpointer pinned_data;

static IkeAddress
address (const char *text)
{
  IkeAddress a = { 0 };

  g_assert_true (ike_address_from_string (text, &a));
  return a;
}

static void
call (const char *what, const IkeAddress *to, const char *how)
{
  g_autofree char *text = ike_address_to_string (to);

  g_string_append_printf (calls, "%s %s %s; ", what, text, how);
}

static void
assert_calls (const char *expected)
{
  g_assert_cmpstr (calls->str, ==, expected);
  g_string_truncate (calls, 0);
}

/* ---- the doubles ---- */

void
netwatch_listen (Netwatch *self, void (*changed) (gpointer data), gpointer data)
{
}

void
netwatch_set_tunnel (Netwatch *self, guint32 ifindex)
{
  tunnel = ifindex;
}

gboolean
netwatch_is_inside (Netwatch *self, const IkeAddress *gateway)
{
  return tunnel && chosen == tunnel;
}

guint32
netwatch_link_of (Netwatch *self, const IkeAddress *a)
{
  g_autofree char *text = ike_address_to_string (a);

  return g_strcmp0 (text, elsewhere) ? UPLINK : UPLINK + 1;
}

guint
netwatch_uplinks (Netwatch *self, const IkeAddress *gateway, NetwatchUplink ret[NETWATCH_MAX_UPLINKS])
{
  ret[0] = (NetwatchUplink){ UPLINK, address (source), chosen == UPLINK, 0, 100 };
  return no_uplinks ? 0 : 1;
}

void
helper_client_pin (HelperClient *client, const IkeAddress *gateway, guint32 ifindex, HelperDoneFunc func, gpointer data)
{
  g_autofree char *link = g_strdup_printf ("%u", ifindex);

  call ("pin", gateway, link);
  pinned = func;
  pinned_data = data;
  if (ifindex)
    chosen = ifindex;
}

static void
pin_done (GError *error)
{
  HelperDoneFunc func = g_steal_pointer (&pinned);

  func (error, pinned_data);
}

void
helper_client_recall (HelperClient *client, const char *name, HelperRecallFunc func, gpointer data)
{
  func (0, data);
}

void
helper_client_remember (HelperClient *client, const char *name, guint value)
{
}

static HelperResolveFunc resolved;
static gpointer resolved_data;

void
helper_client_resolve (HelperClient *client, const char *host, HelperResolveFunc func, gpointer data)
{
  g_string_append_printf (calls, "resolve %s; ", host);
  resolved = func;
  resolved_data = data;
}

static const UdpEvents *udp_events; /* of the last one */
static gpointer udp_data;

Sockets *
sockets_new (HelperClient *helper, gboolean any_port, const UdpEvents *events, gpointer user)
{
  udp_events = events;
  udp_data = user;
  return (Sockets *) 1;
}

void
sockets_free (Sockets *self)
{
}

typedef struct {
  IkePath path;
  SocketsFunc func;
  gpointer data;
} Opening;

static GQueue openings = G_QUEUE_INIT; /* when @late */
static gboolean late;

static void
answer (Opening *take_opening)
{
  g_autofree Opening *opening = take_opening;
  g_autoptr (GError) error = no_sockets ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x") : NULL;

  opening->func (&opening->path, &opening->path, error, opening->data);
}

void
sockets_open (Sockets *self, const IkeEndpoint *remote, const IkeEndpoint *local, SocketsFunc func, gpointer data)
{
  g_autofree char *from = local->address.family ? ike_address_to_string (&local->address) : g_strdup ("any");
  Opening *opening = g_new0 (Opening, 1);

  *opening = (Opening){ { .remote = *remote, .local = *local }, func, data };
  call ("open", &remote->address, from);
  if (late)
    g_queue_push_tail (&openings, opening);
  else
    answer (opening);
}

void
sockets_send (Sockets *self, const IkePath *path, GBytes *datagram, IkePieces pieces)
{
}

void
sockets_keepalive (Sockets *self, const IkePath *path)
{
}

void
sockets_keep_only (Sockets *self, const IkePath *path)
{
}

guint
sockets_get_mtu (const Sockets *self)
{
  return 0;
}

static const TcpEvents *tcp_events; /* of the last one */
static gpointer tcp_data;

TcpSocket *
tcp_socket_dial (HelperClient *helper, const IkePath *path, const TcpEvents *events, gpointer user)
{
  g_autofree char *from = path->local.address.family ? ike_address_to_string (&path->local.address) : g_strdup ("any");

  call ("dial", &path->remote.address, from);
  tcp_events = events;
  tcp_data = user;
  return (TcpSocket *) 1;
}

void
tcp_socket_free (TcpSocket *socket)
{
}

const IkePath *
tcp_socket_get_path (const TcpSocket *socket)
{
  static const IkePath path = { 0 };

  return &path;
}

void
tcp_socket_send (TcpSocket *socket, GBytes *message)
{
}

guint
tcp_socket_get_mtu (const TcpSocket *socket)
{
  return 0;
}

gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);
static gint64 slept;

gint64
__wrap_g_get_monotonic_time (void)
{
  return __real_g_get_monotonic_time () + slept;
}

/* "pause 1; ", and it is over at once. */
guint __wrap_g_timeout_add_seconds (guint interval, GSourceFunc func, gpointer data);

guint
__wrap_g_timeout_add_seconds (guint interval, GSourceFunc func, gpointer data)
{
  g_string_append_printf (calls, "pause %u; ", interval);
  return g_idle_add (func, data);
}

/* ---- the cases ---- */

static guint opened, refused, others_told, unreachables;
static Way *unwanted; /* with the next sockets it is freed */

static void
on_open (const IkePath *path, const IkePath *natt_path, gpointer data)
{
  opened++;
  g_clear_pointer (&unwanted, way_free);
}

static void
on_failed (const GError *error, gboolean tcp, gpointer data)
{
}

static void
on_news (IkeInputType what, gboolean ok, gpointer data)
{
  refused += what == IKE_INPUT_NO_PATH;
  others_told += what == IKE_INPUT_ELSEWHERE;
}

static void
on_unreachable (const IkePath *path, int error, gpointer data)
{
  unreachables++;
}

static void
on_sent_on (const IkeAddress *gateway, gpointer data)
{
  static const IkeAddress any = { 0 };

  if (gateway)
    call ("to", gateway, "now");
  else
    call ("to", &any, "soon");
}

static void
on_log (IkeLogLevel level, const char *text, gpointer data)
{
}

static const WayEvents events = { .log = on_log,
                                  .sent_on = on_sent_on,
                                  .open = on_open,
                                  .failed = on_failed,
                                  .news = on_news,
                                  .unreachable = on_unreachable };

static Way *
way (const char *gateway, WayTransport transport)
{
  const WayOptions options = { .remote = { .address = address (gateway), .port = 500 },
                               .transport = transport,
                               .tcp_port = 4500,
                               .netwatch = (Netwatch *) 1,
                               .tunnel = TUNNEL };

  opened = refused = others_told = unreachables = 0;
  return way_new ((HelperClient *) 1, &options, &events, NULL);
}

/* As the kernel likes: by an uplink, or by the tunnel of somebody else. */
static void
test_plain (void)
{
  const guint32 links[] = { UPLINK, TUNNEL + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autoptr (Way) self = way ("198.51.100.7", WAY_UDP);

      chosen = links[i];
      way_start (self);
      assert_calls ("open 198.51.100.7 any; ");
      g_assert_cmpuint (opened, ==, 1);
    }
  g_string_truncate (calls, 0);
}

/* What would go into our own tunnel is pinned to an uplink first. */
static void
test_inside (WayTransport transport, const char *first)
{
  Way *self = way ("198.51.100.8", transport);

  chosen = TUNNEL;
  way_start (self);
  assert_calls ("pin 198.51.100.8 2; ");
  g_assert_cmpuint (opened, ==, 0);
  pin_done (NULL);
  assert_calls (first);
  way_free (self);
  assert_calls ("pin 198.51.100.8 0; ");
}

static void
test_inside_udp (void)
{
  test_inside (WAY_UDP, "open 198.51.100.8 192.0.2.2; ");
  g_assert_cmpuint (opened, ==, 1);
}

static void
test_inside_tcp (void)
{
  test_inside (WAY_TCP, "dial 198.51.100.8 192.0.2.2; ");
}

/* The helper cannot: it is tried all the same, and so it is where there is no uplink. */
static void
test_inside_no_pin (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");
  Way *self = way ("198.51.100.8", WAY_UDP);

  chosen = TUNNEL;
  way_start (self);
  assert_calls ("pin 198.51.100.8 2; ");
  pin_done (error);
  assert_calls ("open 198.51.100.8 192.0.2.2; ");
  way_free (self);
  g_string_truncate (calls, 0);
  no_uplinks = TRUE;
  chosen = TUNNEL;
  self = way ("198.51.100.8", WAY_UDP);
  way_start (self);
  assert_calls ("open 198.51.100.8 any; ");
  g_assert_cmpuint (opened, ==, 1);
  way_free (self);
  no_uplinks = FALSE;
}

/* An uplink without an address lends one of another link, and only until it has its own. Its own is kept while it is there. */
static void
test_borrowed (void)
{
  Way *self = way ("198.51.100.8", WAY_UDP);

  source = elsewhere = "203.0.113.9";
  chosen = TUNNEL;
  way_start (self);
  pin_done (NULL);
  assert_calls ("pin 198.51.100.8 2; open 198.51.100.8 203.0.113.9; ");
  way_look (self);
  assert_calls ("");
  source = "192.0.2.77";
  way_look (self);
  assert_calls ("open 198.51.100.8 192.0.2.77; ");
  source = "192.0.2.78";
  way_look (self);
  assert_calls ("");
  way_free (self);
  g_string_truncate (calls, 0);
  source = "192.0.2.2";
  elsewhere = NULL;
}

/* No sockets can be had at the new address, whose link looks for twins of it, perhaps: it is tried again with the next news. */
static void
test_missed (void)
{
  Way *self = way ("198.51.100.8", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  assert_calls ("open 198.51.100.8 any; ");
  elsewhere = "none";
  source = "192.0.2.77";
  no_sockets = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      way_look (self);
      assert_calls ("open 198.51.100.8 192.0.2.77; ");
    }
  no_sockets = FALSE;
  way_look (self);
  assert_calls ("open 198.51.100.8 192.0.2.77; ");
  g_assert_cmpuint (opened, ==, 2);
  way_look (self);
  assert_calls ("");
  way_free (self);
  source = "192.0.2.2";
  elsewhere = NULL;
}

/* What fails late is nothing to who is on another way by then. */
static void
test_missed_late (void)
{
  Way *self = way ("198.51.100.8", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  late = TRUE;
  elsewhere = "none";
  way_look (self);
  elsewhere = "192.0.2.2";
  source = "192.0.2.77";
  way_look (self);
  assert_calls ("open 198.51.100.8 any; open 198.51.100.8 192.0.2.2; open 198.51.100.8 192.0.2.77; ");
  no_sockets = TRUE;
  answer (g_queue_pop_head (&openings));
  way_look (self);
  assert_calls ("");
  no_sockets = late = FALSE;
  answer (g_queue_pop_head (&openings));
  way_look (self);
  assert_calls ("");
  g_assert_cmpuint (opened, ==, 2);
  way_free (self);
  source = "192.0.2.2";
  elsewhere = NULL;
}

/* Whoever hears of another way may free it with that. */
static void
test_freed_meanwhile (void)
{
  Way *self = way ("198.51.100.8", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  elsewhere = "none";
  unwanted = self;
  way_look (self);
  assert_calls ("open 198.51.100.8 any; open 198.51.100.8 192.0.2.2; ");
  g_assert_null (unwanted);
  g_assert_cmpuint (others_told, ==, 0);
  elsewhere = NULL;
}

/* Another gateway, to which the first one sends us, is not what NetworkManager keeps out of the tunnel. */
static void
test_redirect (void)
{
  Way *self = way ("198.51.100.7", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  assert_calls ("open 198.51.100.7 any; ");
  chosen = TUNNEL;
  way_redirect (self, "198.51.100.9");
  assert_calls ("pin 198.51.100.9 2; ");
  no_sockets = TRUE;
  pin_done (NULL);
  /* and back: the way to the one before is looked for likewise */
  g_assert_cmpuint (refused, ==, 1);
  no_sockets = FALSE;
  assert_calls ("open 198.51.100.9 192.0.2.2; open 198.51.100.7 192.0.2.2; ");
  way_free (self);
  g_string_truncate (calls, 0);
}

/* Another address of the same gateway, likewise; and if there is no way to it, back to where the tunnel stands, whatever was
 * tried in between. */
static void
test_other_address (void)
{
  const IkePath stands = { IKE_TRANSPORT_NATT, { address ("192.0.2.2"), 4500 }, { address ("198.51.100.7"), 4500 } };
  Way *self = way ("198.51.100.7", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  way_settled (self, &stands);
  assert_calls ("open 198.51.100.7 any; ");
  chosen = TUNNEL;
  way_try (self, "198.51.100.8");
  assert_calls ("pin 198.51.100.8 2; ");
  pin_done (NULL);
  assert_calls ("open 198.51.100.8 192.0.2.2; ");
  g_assert_cmpuint (opened, ==, 2);
  chosen = TUNNEL;
  no_sockets = TRUE;
  way_try (self, "198.51.100.9");
  pin_done (NULL);
  g_assert_cmpuint (refused, ==, 1);
  no_sockets = FALSE;
  assert_calls ("pin 198.51.100.9 2; open 198.51.100.9 192.0.2.2; open 198.51.100.7 192.0.2.2; ");
  way_free (self);
  g_string_truncate (calls, 0);
}

/* Nobody but the peer has said that it is there: whoever that is gets no TCP connection, which is for where the peer was. */
static void
test_other_address_refuses (void)
{
  const IkePath stands = { IKE_TRANSPORT_NATT, { address ("192.0.2.2"), 4500 }, { address ("198.51.100.7"), 4500 } };
  const IkePath other = { IKE_TRANSPORT_NATT, { address ("192.0.2.2"), 4500 }, { address ("198.51.100.8"), 4500 } };
  Way *self = way ("198.51.100.7", WAY_TCP_FALLBACK);

  chosen = UPLINK;
  way_start (self);
  way_settled (self, &stands);
  way_try (self, "198.51.100.8");
  assert_calls ("open 198.51.100.7 any; open 198.51.100.8 any; ");
  udp_events->unreachable (&other, ECONNREFUSED, udp_data);
  way_failing (self, &other);
  way_unanswered (self, &other);
  assert_calls ("");
  g_assert_cmpuint (unreachables, ==, 1);
  way_try (self, "198.51.100.7");
  udp_events->unreachable (&stands, ECONNREFUSED, udp_data);
  assert_calls ("open 198.51.100.7 any; dial 198.51.100.7 any; ");
  way_free (self);
  g_string_truncate (calls, 0);
}

/* A name is told around its look-up: somebody may have to let the question pass. */
static void
test_redirect_by_name (void)
{
  const IkeAddress other = address ("198.51.100.9");
  Way *self = way ("198.51.100.7", WAY_UDP);

  chosen = UPLINK;
  way_start (self);
  way_redirect (self, "nobody.example");
  assert_calls ("open 198.51.100.7 any; to none soon; resolve nobody.example; ");
  resolved (NULL, 0, NULL, resolved_data);
  assert_calls ("to 198.51.100.7 now; ");
  g_assert_cmpuint (refused, ==, 1);
  way_redirect (self, "other.example");
  resolved (&other, 1, NULL, resolved_data);
  assert_calls ("to none soon; resolve other.example; to 198.51.100.9 now; open 198.51.100.9 any; ");
  g_assert_cmpuint (opened, ==, 2);
  /* whoever is gone hears nothing */
  way_redirect (self, "other.example");
  way_free (self);
  g_string_truncate (calls, 0);
  resolved (&other, 1, NULL, resolved_data);
  assert_calls ("");
}

/* The connection stands, carries the first words, lives for so many seconds, and is closed. */
static void
stand (Way *self, guint seconds)
{
  tcp_events->ready ((TcpSocket *) 1, tcp_data);
  way_settled (self, &(const IkePath){ .transport = IKE_TRANSPORT_TCP });
  slept += seconds * G_USEC_PER_SEC;
  tcp_events->closed ((TcpSocket *) 1, NULL, tcp_data);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Something on the way closes each connection when it has let MOBIKE's answer pass: that is not made again and again without
 * a pause. One that has lived is. */
static void
test_closed_soon (void)
{
  Way *self = way ("198.51.100.8", WAY_TCP);

  chosen = UPLINK;
  way_start (self);
  assert_calls ("dial 198.51.100.8 any; ");
  stand (self, 1);
  assert_calls ("pause 0; dial 198.51.100.8 any; ");
  for (guint i = 0; i < WAY_SHORT_PAUSES; i++)
    {
      stand (self, 1);
      assert_calls ("pause 1; dial 198.51.100.8 any; ");
    }
  stand (self, 1);
  assert_calls ("pause 2; dial 198.51.100.8 any; ");
  stand (self, WAY_LONGEST_PAUSE + 1);
  assert_calls ("pause 0; dial 198.51.100.8 any; ");
  g_assert_cmpuint (opened, ==, WAY_SHORT_PAUSES + 3);
  way_free (self);
  g_string_truncate (calls, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  calls = g_string_new (NULL);
  g_test_add_func ("/service/way/plain", test_plain);
  g_test_add_func ("/service/way/inside/udp", test_inside_udp);
  g_test_add_func ("/service/way/inside/tcp", test_inside_tcp);
  g_test_add_func ("/service/way/inside/no-pin", test_inside_no_pin);
  g_test_add_func ("/service/way/borrowed", test_borrowed);
  g_test_add_func ("/service/way/missed", test_missed);
  g_test_add_func ("/service/way/missed-late", test_missed_late);
  g_test_add_func ("/service/way/freed-meanwhile", test_freed_meanwhile);
  g_test_add_func ("/service/way/redirect", test_redirect);
  g_test_add_func ("/service/way/other-address", test_other_address);
  g_test_add_func ("/service/way/other-address-refuses", test_other_address_refuses);
  g_test_add_func ("/service/way/redirect-by-name", test_redirect_by_name);
  g_test_add_func ("/service/way/closed-soon", test_closed_soon);
  return g_test_run ();
}
