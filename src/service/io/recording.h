/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that the runs of this process's engines are recorded in, when root has asked for it (main.c); what is in it
 * says recorder/recorder.h. It is opened before the sandbox is entered, and only written to from then on.
 */
#pragma once

#include "recorder/recorder.h"

/* Octets; then it ends. */
#define RECORDING_MAX (256 * 1024 * 1024)

/* Makes DIRECTORY/nm-ipsec-PID.record, which only root can read. The path, or NULL. */
char *recording_open (const char *directory, GError **error);
/* Into this descriptor, which is taken; -1: no more. */
void recording_take (int fd);

/* Told once, when nothing more can be written. */
typedef void (*RecordingWarnFunc) (const char *text, gpointer data);
/* For one engine, NULL if nothing is recorded; @data must outlive the recorder. */
IkeRecorder *recording_begin (const IkeCrypto *crypto, RecordingWarnFunc warn, gpointer data);
