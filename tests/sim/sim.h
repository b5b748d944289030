/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in one process and in virtual time: hosts with an engine (or a script) each, a link that delays, loses,
 * repeats and reorders, NATs, fake kernels, and somebody who does the engines' jobs.
 *
 * Everything follows from the seed. sim_assert() prints it, and the transcript of all packets, logs and happenings.
 */
#pragma once

#include "sim-crypto.h"
#include "sim-kernel.h"

#include "ike-engine.h"

typedef struct _Sim Sim;
typedef struct _SimHost SimHost;

/* RFC 4787: what a NAT lets in, and whether another destination gets another port. */
typedef enum { SIM_NAT_FULL_CONE, SIM_NAT_RESTRICTED, SIM_NAT_PORT_RESTRICTED, SIM_NAT_SYMMETRIC } SimNatKind;

/* A datagram in flight. */
typedef struct {
  IkeEndpoint from, to;
  gboolean natt; /* with a non-ESP marker */
  IkePieces pieces;
  GBytes *data;
} SimPacket;

typedef enum { SIM_PASS, SIM_DROP } SimVerdict;
/* Sees each packet as it is sent; may change or replace packet->data, or send others. */
typedef SimVerdict (*SimFilter) (Sim *sim, SimPacket *packet, gpointer data);
/* A scripted host: gets what arrives; at the end NULL, to give up its secrets. */
typedef void (*SimScript) (SimHost *host, const SimPacket *packet, gpointer data);

struct _SimHost {
  Sim *sim;
  char name[16];
  guint32 id; /* of its connection */
  IkeAddress address;
  IkeAddress second; /* it has this one, too; family NONE: it has not */
  IkeAddress dead; /* that nobody reaches any more: one of the two */
  IkeAddress nat; /* family NONE: no NAT before it */
  guint16 nat_ports[2]; /* mapping of 500 and 4500; 0: none yet */
  SimNatKind nat_kind;
  IkeTime nat_idle; /* after so long without a packet out the mapping is gone; 0: never */
  IkeTime nat_used[2];
  IkeEndpoint nat_remote[2];
  gboolean off; /* gets and sends nothing */
  gboolean asleep; /* suspended: nothing happens on it, its clock goes on */
  GQueue missed; /* IkeInput that waits for it to wake up */
  gboolean closed; /* answers with ICMP port unreachable */
  IkeTime ahead; /* of the network's time: what its clock shows more */
  IkeEngine *engine; /* NULL: scripted */
  struct _IkeRecorder *recorder; /* sim-record.h; NULL: none */
  GByteArray *recording;
  IkeConfig *config; /* until sim_start() or sim_listen() */
  SimKernel kernel;
  SimScript script;
  gpointer script_data;
  /* what its jobs answer */
  const char *status; /* what OCSP says of its certificate (RFC 4806); NULL: it does not know */
  guint status_wanted; /* so often was that asked */
  GPtrArray *peer_status; /* what the other end has shown last */
  const char *psk;
  const char *ppk; /* NULL: none of that name */
  const char *ppk_name; /* of a key that the config has no name for; NULL: the config has */
  char *ppk_asked; /* the name that the other end said last */
  const char *const *passwords; /* one after the other; NULL ends: no secret */
  guint passwords_asked;
  const char *sign_key, *peer_key; /* names of fake keys: ours, and the one that the peer must sign with */
  gboolean refuse_sign;
  const char *const *users; /* a server's: name, password, ...; NULL ends */
  const char *pool4, *pool6; /* a server's first addresses; NULL: none */
  guint pool_size; /* so many addresses; 0: any number */
  const char *send_admitted; /* to another gateway; NULL: they stay */
  gboolean no_way; /* to any other address */
  IkeTime way_time; /* until it has a way to a gateway that it is sent to; 0: a moment */
  const char *refuse_admit; /* an identity that may not come in */
  guint certificates; /* so many came with the last VERIFY */
  IkeReasonCode verify_says;
  const char *certificate_name; /* the only name in the peer's certificate; NULL: whatever is asked for */
  IkeTime job_time[IKE_JOB_ADMIT + 1]; /* by IkeJobType */
  char *secret_message; /* of the last SECRET job */
  gboolean ke_fails;
  guint ke_differs; /* the n-th that it finishes from now on gives it another secret than the other end; 0: none */
  IkeTime kernel_time; /* until its kernel answers; 0: a moment */
  /* what it said */
  GHashTable *leases; /* number of the client -> offset in the pools, from 1 */
  guint admits, gones; /* of a server */
  guint puzzles; /* slices of work */
  guint moves, stalls, unanswered, redirects, others; /* others: addresses of the peer's that it wanted to go to */
  guint probed[IKE_PROBE_UNKNOWN + 1], probed_octets; /* answers to sim_probe(); of the last one */
  guint leaks; /* pings that no policy of it has held back */
  gboolean path_fails;
  guint ups, downs, reconnectings, waitings, keepalives, signs, verifies, sent, cancelled;
  IkeTime up_at, down_at;
  IkeReason reason;
  IkeConfigured *configured; /* of the last UP */
};

struct _Sim {
  guint64 seed;
  SimCrypto crypto;
  IkeTime now;
  GQueue events; /* sorted by time, then by order of making */
  GPtrArray *hosts;
  GString *transcript;
  SimFilter filter;
  gpointer filter_data;
  /* the link */
  IkeTime latency, jitter;
  guint loss, duplicates; /* percent */
  gsize mtu; /* of an IPv4 packet: longer ones vanish, as fragments of IP often do; 0: none */
  gboolean fragments; /* but what IP may cut arrives */
  gboolean roaming; /* what is sent from an address that its host had before is lost; else that is a failure */
  gboolean quiet; /* no transcript and no logs: set before hosts are made */
  void (*check) (SimHost *host, gpointer data); /* after each input */
  void (*look) (SimHost *host, const IkeOutput *output, gpointer data); /* at each output; with check_data */
  gpointer check_data;
  guint pings, pongs;
  gint config_secrets; /* that configurations hold to the end */
};

/* What goes to or from it goes by TCP, as far as the engines see. */
#define SIM_TCP_PORT 443

Sim *sim_new (guint64 seed);
/* Stops every connection, runs until nothing moves, asserts that nothing is left, frees. */
void sim_end (Sim *sim);

/* An engine with a configuration that suits the other default host: client 192.0.2.1, gateway 198.51.100.1, PSK. */
SimHost *sim_client (Sim *sim);
SimHost *sim_gateway (Sim *sim);
SimHost *sim_host_new (Sim *sim, const char *name, const char *address, IkeRole role);
/* A transform more in each proposal; a second one of a type is an alternative. */
void sim_offer (GPtrArray *proposals, IkeTransformType type, guint16 id);
SimHost *sim_scripted (Sim *sim, const char *name, const char *address, SimScript script, gpointer data);
void sim_signatures (SimHost *client, SimHost *gateway);
void sim_nat (SimHost *host, const char *public_address);
/* The configuration of a host that sim_client() or sim_gateway() made, before it gets another engine. */
IkeConfig *sim_config (Sim *sim, const char *name, IkeRole role);
/* All that it knew is gone, in its kernel too; @take_config is for the next sim_start() or sim_listen(). */
void sim_reboot (SimHost *host, IkeConfig *take_config);
void sim_sleep (SimHost *host);
void sim_wake (SimHost *host);

void sim_start (SimHost *host);
void sim_start_to (SimHost *host, const IkeAddress *remote);
void sim_listen (SimHost *host);
/* The client has made a TCP connection from @port: @type START: its first; PATH: another one. */
void sim_tcp_stands (SimHost *client, const SimHost *gateway, IkeInputType type, guint16 port);
void sim_stop (SimHost *host);
void sim_move (SimHost *host, const char *new_address);
/* It has these addresses: "192.0.2.1 192.0.2.2"; NULL: no others than the one in use. */
void sim_own (SimHost *host, const char *addresses);
/* The caller knows another path, or none any more. */
void sim_elsewhere (SimHost *host, gboolean others);
/* The caller wants to know whether IP packets of so many octets arrive. */
void sim_probe (SimHost *host, guint octets);
/* The caller has a hint that something is wrong, or has slept. */
void sim_check (SimHost *host, gboolean slept);
void sim_input (SimHost *host, IkeInput *input);
/* For so many tenths of a second the kernel counts so many octets in each. */
void sim_traffic (SimHost *host, guint in, guint out, guint tenths);
/* Traffic leaves, and nothing comes for it, until @host doubts its path: how long that took; for 30 s at most. */
IkeTime sim_until_doubt (SimHost *host);
/* One SA of @host carries so much; its kernel says what it would say of its limits. FALSE: nothing went through. */
gboolean sim_carry (SimHost *host, SimSa *sa, guint64 octets, guint64 packets);
/* What the kernel would say. */
void sim_expire (SimHost *host, guint32 spi, gboolean hard);

/* Its clock jumps to when @timer would fire, with all before it: a wait that the others do not notice. */
void sim_hasten (SimHost *host, const char *timer);
/* The same if there is such a wait within two days, and nothing is unanswered before. */
gboolean sim_try_hasten (SimHost *host, const char *timer);

void sim_run (Sim *sim, IkeTime duration);
typedef gboolean (*SimCondition) (Sim *sim, gpointer data);
/* TRUE: it came about in time. */
gboolean sim_run_until (Sim *sim, SimCondition condition, gpointer data, IkeTime patience);
gboolean sim_is_up (Sim *sim, gpointer host);
gboolean sim_is_down (Sim *sim, gpointer host);
/* The IKE SAs that its engine has. */
guint sim_count_ike (const SimHost *host);
/* Connects the two default hosts; asserts that both are up. */
void sim_connect (Sim *sim, SimHost *client, SimHost *gateway);
/* Puts a packet on the link, past the filter. */
void sim_send (Sim *sim, const IkeEndpoint *from, const IkeEndpoint *to, gboolean natt, GBytes *data, IkeTime delay);
/* How often the transcript has these words. */
guint sim_count_said (const Sim *sim, const char *words);
void sim_note (Sim *sim, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Both ways every @interval for @duration, from now on. */
void sim_ping (SimHost *a, SimHost *b, IkeTime interval, IkeTime duration);

void sim_fail (Sim *sim, const char *file, int line, const char *what) G_GNUC_NORETURN;
#define sim_assert(sim, condition)                                                                                     \
 do                                                                                                                    \
  {                                                                                                                    \
   if (!(condition))                                                                                                   \
    sim_fail (sim, __FILE__, __LINE__, #condition);                                                                    \
  }                                                                                                                    \
 while (0)
#define sim_assert_reason(sim, host, code_)                                                                            \
 do                                                                                                                    \
  {                                                                                                                    \
   if ((host)->downs != 1 || (host)->reason.code != IKE_REASON_##code_)                                                \
    {                                                                                                                  \
     sim_note (sim, "%s: %u times down, reason %s", (host)->name, (host)->downs,                                       \
               ike_reason_code_name ((host)->reason.code));                                                            \
     sim_fail (sim, __FILE__, __LINE__, "down because of " #code_);                                                    \
    }                                                                                                                  \
  }                                                                                                                    \
 while (0)
/* Both kernels hold the same Child SAs: @n pairs. */
void sim_assert_agree_at (SimHost *a, SimHost *b, guint n, const char *file, int line);
#define sim_assert_agree(a, b, n) sim_assert_agree_at (a, b, n, __FILE__, __LINE__)
