# A client's connection to a daemon under test.
#
# SPDX-License-Identifier: ISC
package Prong::Client;
use strict;
use warnings;

use Carp qw(croak);
use IO::Select;
use IO::Socket::IP;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

# new('127.0.0.1:41234'), new('[::1]:41234'), new('unix:/path'). A second
# address is where it comes from.
sub new {
	my ($class, $address, $from) = @_;
	my $socket;
	if ($address =~ /\Aunix:(.*)\z/s) {
		$socket = IO::Socket::UNIX->new(Peer => $1);
	} else {
		my ($host, $port) = $address =~ /\A\[?(.*?)\]?:(\d+)\z/
		    or croak "not an address: $address";
		$socket = IO::Socket::IP->new(PeerHost => $host,
		    PeerPort => $port, Timeout => $Prong::patience,
		    $from ? (LocalHost => $from) : ());
	}
	$socket or croak "connect to $address: $@ $!";
	binmode $socket;
	$socket->blocking(0);
	return bless { socket => $socket, got => '' }, $class;
}

sub socket {
	return $_[0]{socket};
}

# Waits until the socket is ready for what $kind says. Dies after a while.
sub await {
	my ($self, $kind) = @_;
	my $select = IO::Select->new($self->{socket});
	my @ready = $kind eq 'read' ? $select->can_read($Prong::patience)
	    : $select->can_write($Prong::patience);
	croak "nothing to $kind within $Prong::patience s" unless @ready;
}

# Sends all octets; false when the server has closed or reset the connection.
sub send {
	my ($self, $octets) = @_;
	my $at = 0;
	while ($at < length $octets) {
		my $put = syswrite $self->{socket}, $octets, 65536, $at;
		if (defined $put) {
			$at += $put;
		} elsif ($!{EAGAIN}) {
			$self->await('write');
		} elsif (!$!{EINTR}) {
			return 0;
		}
	}
	return 1;
}

# Reads what has come, or waits for something; false at the end.
sub fill {
	my ($self) = @_;
	while (1) {
		my $got = sysread $self->{socket}, $self->{got}, 262144,
		    length $self->{got};
		return $got if defined $got;
		if ($!{EAGAIN}) {
			$self->await('read');
		} elsif (!$!{EINTR}) {
			$self->{reset} = 1;
			return 0;
		}
	}
}

# The next answer, to a request of that method (GET); undef when the connection
# ends before one begins.
sub answer {
	my ($self, $method) = @_;
	while (1) {
		my $answer = length $self->{got}
		    ? Prong::Answer::take(\$self->{got}, $method || 'GET')
		    : undef;
		return $answer if $answer;
		next if $self->fill;
		return length $self->{got} ? Prong::Answer::take(
		    \$self->{got}, $method || 'GET', 1) : undef;
	}
}

# request('GET', '/', [ 'Accept: */*' ], $body): sends it and reads its answer.
sub request {
	my ($self, $method, $target, $fields, $body) = @_;
	$self->send(Prong::request($method, $target, $fields, $body));
	return $self->answer($method);
}

# Reads to the end; what came.
sub rest {
	my ($self) = @_;
	1 while $self->fill;
	my $rest = $self->{got};
	$self->{got} = '';
	return $rest;
}

# No more will be sent, but read.
sub finish {
	my ($self) = @_;
	return shutdown $self->{socket}, 1;
}

sub close {
	my ($self) = @_;
	return CORE::close delete $self->{socket};
}

1;
