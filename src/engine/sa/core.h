/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all parts of one engine share: the time of the input that is being handled, the queue of outputs, the questions
 * that wait for an answer, the index of SAs by SPI, and the alarms.
 */
#pragma once

#include "base/timers.h"
#include "ike-engine-io.h"

typedef struct _IkeConnection IkeConnection;
typedef struct _IkeParent IkeParent; /* an IKE SA: parent of Child SAs (wire/payload-sa.h has taken the name IkeSa) */
typedef struct _IkeChild IkeChild;
typedef struct _IkeTask IkeTask;
typedef struct _IkeClaims IkeClaims; /* sa/claims.h */

/* Something that wants to be woken: an IKE SA or a connection. Lives in its owner; sorted in a heap. */
typedef struct {
  IkeTime at;
  guint index; /* in the heap, from 1; 0: sleeps */
  gboolean of_connection;
  gpointer owner;
} IkeAlarm;

typedef struct {
  const IkeCrypto *crypto;
  IkeTime now;
  IkeLogLevel log_level;
  GQueue outputs; /* IkeOutput */
  GHashTable *work; /* number -> IkeWork */
  GHashTable *connections; /* id -> IkeConnection */
  GHashTable *parents; /* our SPI -> IkeParent */
  GHashTable *reserved; /* guint64, owned: our SPIs of IKE SAs that are being made by rekeying */
  struct _IkeHalfOpen *half_open; /* responder, before authentication */
  GHashTable *children; /* inbound SPI -> IkeChild */
  GPtrArray *alarms; /* IkeAlarm, a binary heap */
  GPtrArray *graves; /* IkeParent, closed; freed when the input has been handled */
  guint32 last_number, last_child, last_slot, last_low_slot, last_serial, last_task, last_client;
  IkeTime loud_since; /* what strangers can make us say: since when, and how many lines */
  guint loud;
  IkeTime answers_since; /* the same for what strangers can make us send */
  guint answers;
} IkeCore;

void ike_core_init (IkeCore *core, const IkeCrypto *crypto);
void ike_core_clear (IkeCore *core);

/* ---- outputs ---- */

IkeOutput *ike_core_output_new (IkeOutputType type, guint32 connection);
void ike_core_push (IkeCore *core, IkeOutput *take_output);
void ike_core_send (IkeCore *core, guint32 connection, const IkePath *path, GBytes *datagram, IkePieces pieces);

/* ---- questions ---- */

/* Called when the answer comes and everything that it is for is still there. @task is NULL for work of no task. */
typedef void (*IkeWorkDone) (IkeParent *parent, IkeTask *task, guint32 child, IkeInput *input);

/* For whom a question is asked. */
typedef struct {
  IkeParent *parent;
  guint32 task; /* 0: of the SA itself */
  guint32 child; /* handed back to @done; 0: of none */
  IkeWorkDone done;
} IkeWorkFor;

/* Both return the number. @take_key: the private half that a KE_FINISH borrows; comes back in the answer's
 * input->key. */
guint32 ike_core_ask (IkeCore *core, guint32 connection, IkeJob *take_job, const IkeWorkFor *work, IkeKeKey *take_key);
guint32 ike_core_kernel (IkeCore *core, guint32 connection, IkeKernelRequest *take_request, const IkeWorkFor *work);
/* What the kernel said when it refused, for a reason's detail. */
char *ike_core_kernel_text (const IkeInput *input);
/* Gives an answer to whom it concerns; one that nobody waits for is ignored (cve-2011-4073). */
void ike_core_answer (IkeCore *core, IkeInput *input);
/* Nobody waits any more for what @parent asked; @task 0: for anything. */
void ike_core_forget (IkeCore *core, IkeParent *parent, guint32 task);
guint ike_core_count_jobs (const IkeCore *core);

/* ---- alarms ---- */

void ike_core_alarm_set (IkeCore *core, IkeAlarm *alarm, IkeTime at); /* IKE_TIME_NEVER: sleep */
IkeAlarm *ike_core_alarm_first (const IkeCore *core);

/* ---- logs: @parent and @connection may be missing ---- */

void ike_core_log (IkeCore *core, guint32 connection, const IkeParent *parent, IkeLogLevel level, const char *event,
                   const char *format, ...) G_GNUC_PRINTF (6, 7);

/* May one more line be written about something that anybody can send? A flood must not fill the log. */
gboolean ike_core_may_be_loud (IkeCore *core);

/* The same for one more answer to somebody unknown. */
gboolean ike_core_may_answer (IkeCore *core);

gboolean ike_endpoint_equal (const IkeEndpoint *a, const IkeEndpoint *b);
gboolean ike_path_equal (const IkePath *a, const IkePath *b);
/* An unpredictable, non-zero SPI that is not in use. FALSE: the provider failed. */
gboolean ike_core_new_spi (IkeCore *core, guint64 *ret_spi);
/* The same for an IKE SA that is not there before its key exchange is through: until its task is freed. */
gboolean ike_core_reserve_spi (IkeCore *core, guint64 *ret_spi);
/* An octet for jitter. */
guint8 ike_core_jitter (IkeCore *core);
