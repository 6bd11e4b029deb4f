# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A message on standard input, one JSON value on standard output: SpamAssassin's rules, no network, no learning.
use strict;
use warnings;
use File::Basename qw(dirname);
use Mail::SpamAssassin;

# Debian's threshold, and how many points make certainty: fitted on labelled mail (docs/models.md).
use constant THRESHOLD => 5.0;
use constant WIDTH     => 2.0;

# Untainted: Mail::SpamAssassin wants to know where its rules come from.
my ($here) = dirname(__FILE__) =~ m{\A(.+)\z}s;

my $filter = Mail::SpamAssassin->new({
    rules_filename       => '/usr/share/spamassassin',
    site_rules_filename  => "$here/site",
    userprefs_filename   => "$here/site/none",
    dont_copy_prefs      => 1,
    local_tests_only     => 1,
    home_dir_for_helpers => '/tmp',
    LOCAL_STATE_DIR      => '/nonexistent',
    PREFIX               => '/usr',
    DEF_RULES_DIR        => '/usr/share/spamassassin',
    LOCAL_RULES_DIR      => "$here/site",
});

binmode STDIN;
my $bytes = do { local $/; <STDIN> } // '';
my $mail = $filter->parse(\$bytes, 1);
my $status = $filter->check($mail);
my $score = $status->get_score();
my $chance = 1 / (1 + exp(-($score - THRESHOLD) / WIDTH));
my $spam = $score >= THRESHOLD;
printf "{\"spam\":%s,\"confidence\":%.6f}\n", $spam ? 'true' : 'false', $spam ? $chance : 1 - $chance;
if ($ENV{ATOMIC_MEASURE}) { print STDERR "score $score\n"; print STDERR "INC $_ $INC{$_}\n" for sort keys %INC }
# Nothing to tidy up: the jail ends with the process.
STDOUT->flush();
require POSIX;
POSIX::_exit(0);
