# The system calls of a server, as strace(1) shows them.
#
#	skip ... unless Prong::Trace::is_possible();
#	my @names = Prong::Trace::calls_of(sub { my $daemon = start($config);
#	    ...; $daemon->stop; return $daemon->pid });
#
# SPDX-License-Identifier: ISC
package Prong::Trace;
use strict;
use warnings;

use Prong;

sub is_possible {
	return scalar grep { -x "$_/strace" } split /:/, $ENV{PATH};
}

# A shell script in the place of prongd: each of its processes leaves a file.
sub make_program {
	my ($to) = @_;
	my $program = write_file('traced/prongd', <<"SH");
#!/bin/sh
exec strace -D -ff -q -o '$to/t' '$ENV{PRONGD}' "\$@"
SH
	chmod 0755, $program;
	symlink $ENV{PRONGD} =~ s/prongd\z/prong/r, folder('traced') . '/prong';
	return $program;
}

# The function starts a server and returns the number of its process, which has
# ended.
sub calls_of {
	my ($function) = @_;
	my $to = folder('trace');
	local $ENV{PRONGD} = make_program($to);
	my $path = "$to/t." . $function->();
	wait_until { read_file($path) =~ /^\+\+\+ exited/m } 'the trace';
	my %calls;
	for (glob "$to/t.*") {
		$calls{$_} = 1 for read_file($_) =~ /^(\w+)\(/mg;
	}
	return sort keys %calls;
}

1;
