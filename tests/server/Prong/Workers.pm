# The processes of a generation that has workers.
#
# SPDX-License-Identifier: ISC
package Prong::Workers;
use strict;
use warnings;

use Exporter qw(import);

use Prong::Process;

our @EXPORT = qw(generation_of workers_of own_processes);

sub generation_of {
	my ($daemon) = @_;
	my ($pid) = grep { Prong::Process::title($_) =~ /generation/ }
	    Prong::Process::children($daemon->pid);
	return $pid;
}

# Of both kinds, or those whose title has that text.
sub workers_of {
	my ($daemon, $kind) = @_;
	$kind ||= 'worker';
	return grep { Prong::Process::title($_) =~ /$kind/ }
	    Prong::Process::living(generation_of($daemon));
}

# The processes that serve one connection each.
sub own_processes {
	my ($daemon) = @_;
	return grep { Prong::Process::title($_) !~ /worker/ }
	    Prong::Process::children(generation_of($daemon));
}

1;
