# A server some of whose system calls fail, by the preloaded tests/plugins/
# refuse.c, which says what the arguments mean.
#
#	local %ENV = (%ENV, Prong::Refuse::environment('start', EPERM,
#	    'openat2'));
#
# SPDX-License-Identifier: ISC
package Prong::Refuse;
use strict;
use warnings;

use File::Copy qw(copy);
use POSIX ();

use Prong;
use Prong::Process;

# A copy that the users of all processes can read. Before a script forks, it calls
# this itself.
sub library {
	my $library = folder('preload') . '/refuse.so';
	return $library if -e $library;
	copy("$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/refuse.so", $library)
	    or die "$library: $!";
	chmod 0644, $library;
	return $library;
}

# The last argument may be a reference to the path of the file whose existence
# begins it.
sub environment {
	my ($where, $errno, @calls) = @_;
	my $file = ref $calls[-1] ? ${ pop @calls } : undef;
	return (LD_PRELOAD => library(), PRONG_REFUSE => "$errno @calls",
	    PRONG_REFUSE_IN => $where,
	    $file ? (PRONG_REFUSE_FILE => $file) : ());
}

# Seconds in which a process, or one that descends from it, has run, those that
# have ended among them; and in which living ones have waited for a processor. On
# a loaded machine a process that never rests waits most of the time.
sub busy_times {
	my ($pid) = @_;
	my $stat = eval { Prong::Process::slurp("/proc/$pid/stat") } // '';
	my ($rest) = $stat =~ /\) (.*)/s or return (0, 0);
	my @fields = split ' ', $rest;
	my $ticks = 0;
	$ticks += $_ for @fields[11 .. 14];
	my $run = $ticks / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
	my $scheduled = Prong::Process::slurp("/proc/$pid/schedstat") // '';
	my $waited = $scheduled =~ /\A\d+ (\d+)/ ? $1 / 1e9 : 0;
	for my $child (Prong::Process::living($pid)) {
		my ($child_run, $child_waited) = busy_times($child);
		$run += $child_run;
		$waited += $child_waited;
	}
	return ($run, $waited);
}

1;
