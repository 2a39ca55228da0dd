# A handler that takes its time to open, as long as a gate is shut: so a start, a
# reload or the proof of an upgrade is under way as long as a test wants it.
#
#	Prong::Gate::install($plugins);	# routes with lingers = { };
#	my $gate = Prong::Gate->shut;
#	... ask for a reload, and then for something else ...
#	$gate->open;
#
# SPDX-License-Identifier: ISC
package Prong::Gate;
use strict;
use warnings;

use Carp qw(croak);
use File::Copy qw(copy);
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_SEQPACKET);

# Puts it into a folder of plugins, with those of the release.
sub install {
	my ($folder, @names) = @_;
	my $own = ($ENV{PRONG_BUILDDIR} || '.') . '/tests/plugins/.libs';
	for my $from ("$own/lingers.so", map { "$ENV{PRONG_PLUGINS}/$_.so" }
	    @names) {
		my ($name) = $from =~ m{([^/]+)\z};
		copy($from, "$folder/$name") or croak "copy $from: $!";
		chmod 0644, "$folder/$name" or croak "chmod: $!";
	}
	# For all daemons that are started from here on.
	$ENV{PRONG_TEST_LINGER} = path();
	return;
}

sub path {
	return Prong::folder() . '/gate';
}

sub shut {
	my ($class) = @_;
	Prong::write_file('gate', '');
	return bless { }, $class;
}

sub open {
	unlink path();
	return;
}

# Asks a daemon as prong(1) does, without waiting: a handle for answer(). What
# is asked later is heard later.
sub ask {
	my ($daemon, $request) = @_;
	my $socket = IO::Socket::UNIX->new(Type => SOCK_SEQPACKET,
	    Peer => $daemon->control) or croak 'control: ', $!;
	syswrite $socket, $request or croak "$request: $!";
	return $socket;
}

# All that it says, up to the status at the end; "" for that when it ends
# without.
sub answer {
	my ($socket) = @_;
	my $text = '';
	while (1) {
		IO::Select->new($socket)->can_read($Prong::patience)
		    or croak "no answer after \"$text\"";
		my $n = sysread $socket, my $message, 8192;
		return ($text, '') unless $n;
		return ($text, $1) if $message =~ /\Aend (\d+)\z/;
		$text .= ($message =~ s/\Asay //r) . "\n";
	}
}

1;
