/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the service's log lines go: the journal with the fields that NetworkManager's users search for, or standard
 * error (which is NetworkManager's own log) when there is no journal. No line ever holds a secret: nothing here
 * prints a connection, a setting, or an IkeSecret.
 */
#pragma once

#include "ike-engine-io.h"

/* Largest line; what is longer is cut. */
#define LOG_MAX_TEXT 2048

typedef struct {
  const char *uuid;       /* NM_CONNECTION; NULL: none */
  const char *device;     /* NM_DEVICE: the parent device; NULL: not known */
  const char *message_id; /* MESSAGE_ID, 32 hexadecimal digits; NULL: none */
  const char *event;      /* NM_IPSEC_EVENT; NULL: none */
  const char *reason;     /* NM_IPSEC_REASON: a failure's stable name; NULL: none */
  const char *detail;     /* NM_IPSEC_DETAIL; NULL: none */
  guint64 spi_i, spi_r;   /* NM_IPSEC_SPI_I and _R; 0: none */
} LogFields;

/* Before the sandbox: finds out whether there is a journal, and takes the level from @debug (then everything, and to
 * standard error as well) or from NetworkManager's NM_VPN_LOG_LEVEL: one digit, 0 to 7; anything else is NOTICE. */
void log_init (gboolean debug);
/* Is @level written at all? */
gboolean log_enabled (IkeLogLevel level);
/* A profile's log-level; may be more or less than NetworkManager's. Below 0: back to log_init()'s. */
void log_set_level (int level);

/* One line; control characters are replaced, it is cut at LOG_MAX_TEXT. @fields may be NULL. */
void log_write (IkeLogLevel level, const LogFields *fields, const char *text);
void log_printf (IkeLogLevel level, const LogFields *fields, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* A log output of the engine, for the connection @fields->uuid. */
void log_engine (const LogFields *fields, const IkeLog *log);

/* Tests read the lines instead of the journal. NULL: back to normal. */
typedef void (*LogWriter) (IkeLogLevel level, const LogFields *fields, const char *text, gpointer data);
void log_set_writer (LogWriter writer, gpointer data);
