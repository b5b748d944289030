/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold of a connection, wherever it came from: its role may have its keys; and what a format writes of it is
 * known as this format, can be read, and is the same connection but for what the writer has told.
 */
#pragma once

#include "profile/formats/formats.h"

/* Before each input: a home directory of our own, without what the input before has stored. */
void back_use_home (void);
/* Only keys of the table, and of the role. */
void back_check_role (const IpsecSetting *setting);
/* @error may be NULL. */
void back_check_printable (const GError *error, GPtrArray *notes);
/* Through each format that can be written. */
void back_check_formats (NMConnection *connection);
/* The caller's. */
NMConnection *back_connection (const IpsecSetting *setting);
