/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outputs of the engine -> effects, effects -> inputs: sockets, the helper, key exchange and verification workers, one
 * timer. Handle one input, drain all outputs, arm one deadline, return to the main loop.
 */
#pragma once

#include "helper-client.h"
#include "ike-engine.h"
#include "io/pad.h"
#include "io/revocation.h"
#include "io/way.h"

typedef struct _Driver Driver;

typedef struct {
  void (*up) (const IkeConfigured *configured, gpointer data);
  /* A peer answers, and nothing stands, yet or any more (@reason). */
  void (*waiting) (const IkeConfigured *configured, const IkeReason *reason, gpointer data);
  void (*reconnecting) (const IkeReason *reason, gpointer data);
  /* The first attempt to reconnect has failed. It goes on trying, unless it is freed. */
  void (*stalled) (const IkeReason *reason, gpointer data);
  void (*down) (const IkeReason *reason, gpointer data); /* nothing follows */
  /* The gateway sends us on: the name of the other one is being looked up (@gateway NULL), or it has been: it is this one,
   * or the one before after all. */
  void (*sent_on) (const IkeAddress *gateway, gpointer data);
  /* The tunnel goes by another path now. */
  void (*moved) (const IkePath *path, gpointer data);
  /* What driver_probe() has asked; never, when something has come between that brings up() or moved(). */
  void (*probed) (guint octets, IkeProbe probe, gpointer data);
  /* A secret is needed while negotiating: answer with driver_give_secret(), now or later. */
  void (*need_secret) (guint32 number, IkeSecretKind kind, guint attempt, const char *message, gpointer data);
  void (*secret_cancelled) (guint32 number, gpointer data);
  void (*log) (const IkeLog *log, gpointer data);
  /* of a server or mesh: it can be reached; a client or host came, or went */
  void (*listening) (gpointer data);
  void (*client) (guint32 client, const IkeConfigured *configured, gpointer data); /* NULL: it went */
} DriverEvents;

typedef struct {
  IkeConfig *config;          /* taken */
  IkeEndpoint remote, local;  /* resolved gateway and its port 500 (or the profile's); local: family NONE, port 0 = choose */
  HelperCredentials *credentials; /* taken; NULL: none */
  gboolean require_id_on_certificate;
  gboolean pinned;            /* the other end's certificate is one of the credentials' CAs, itself */
  gboolean any_port;          /* the other end may begin, and send from another port than @remote's */
  WayTransport transport; /* a server listens for both, unless it is UDP */
  guint16 tcp_port;
  Netwatch *netwatch; /* borrowed; NULL: the network is taken as it is */
  guint32 tunnel; /* the index of our own interface; 0: none */
  GBytes *leases; /* taken; what serve.h has kept of the last time, or NULL */
  /* a server, which listens at @local */
  GArray *pools; /* IkeSelector, taken; NULL: we are none */
  gboolean authorize;         /* PAM is asked about clients */
  char *redirect_to;          /* taken; where clients are sent; NULL: nowhere */
  GPtrArray *eap_cas;         /* taken; GBytes, DER: who may vouch for an EAP server; NULL: those of the credentials */
  RevocationMode revocation;
  GHashTable *kept; /* a reference, taken; of revocation_keep_in(); NULL: none */
  Pad pad;                    /* its name taken; of post-quantum pre-shared keys; name NULL: none */
  IkeIdentity *eap_server;    /* taken; that its certificate must contain; NULL: any name */
} DriverStart;
void driver_start_free (DriverStart *start);
/* Why there are no sockets for it. @tcp: it should have been TCP; NULL error: closed by the gateway. */
void driver_start_failed (const DriverStart *start, const GError *error, gboolean tcp, IkeReason *ret_reason);

Driver *driver_new (HelperClient *helper, const IkeCrypto *crypto, const DriverEvents *events, gpointer data);
void driver_free (Driver *driver);
/* The helper's link must exist (or be NONE). */
void driver_start (Driver *driver, DriverStart *take_start);
/* NULL secret: the user gave none. */
void driver_give_secret (Driver *driver, guint32 number, IkeSecret *take_secret);
/* Delete at the peer; down() with USER_STOP follows when it has answered or a few seconds have passed. */
void driver_stop (Driver *driver);
/* Something may have happened that nobody has told: the machine has slept. */
void driver_check (Driver *driver);
/* Do IP packets of so many octets arrive at the gateway? */
void driver_probe (Driver *driver, guint octets);
/* Its IKE SAs, see io/report.h. */
GVariant *driver_report (const Driver *driver);
/* The path MTU to the gateway as the kernel knows it, octets; 0: unknown. */
guint driver_get_path_mtu (const Driver *driver);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Driver, driver_free)
