# HAProxy, as examples/haproxy.cfg sets it up, on a port that the kernel chose.
#
# SPDX-License-Identifier: ISC
package Prong::Balancer;
use strict;
use warnings;

use Carp qw(croak);
use Fcntl qw(F_SETFD);
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);

my %running;

# Where HAProxy is, or nothing.
sub program {
	my ($program) = grep { -x } map { "$_/haproxy" }
	    split(/:/, $ENV{PATH} || ''), qw(/usr/sbin /usr/local/sbin);
	return $program;
}

# start(a => '/path/of/socket', b => ...): returns when all are in service. With
# check => 'option httpchk ...' in place of the example's check.
sub start {
	my ($class, %servers) = @_;
	my $folder = Prong::folder('haproxy');
	my $self = bless { folder => $folder,
	    check => delete $servers{check} }, $class;
	my $listener = IO::Socket::INET->new(LocalHost => '127.0.0.1',
	    Listen => 1024) or croak "listen: $@";
	$self->{address} = '127.0.0.1:' . $listener->sockport;
	my $config = Prong::write_file("$folder/haproxy.cfg",
	    $self->configuration(fileno $listener, %servers));
	open my $log, '>>', "$folder/log" or die "$folder/log: $!";
	$self->{pid} = fork;
	defined $self->{pid} or die "fork: $!";
	unless ($self->{pid}) {
		fcntl $listener, F_SETFD, 0;
		POSIX::dup2(fileno $log, $_) for 1, 2;
		exec { program() } 'haproxy', '-db', '-f', $config
		    or POSIX::_exit(127);
	}
	$running{$self->{pid}} = $$;
	$self->wait_state($_, 'UP') for sort keys %servers;
	return $self;
}

# The example, with the addresses of the test and shorter times; and without
# its second chance for a connection that could not be made.
sub configuration {
	my ($self, $listener, %servers) = @_;
	my $text = Prong::read_file("$ENV{PRONG_SRCDIR}/examples/haproxy.cfg");
	$text =~ s{stats socket \S+}{stats socket $self->{folder}/admin}
	    or croak 'the example has no stats socket';
	$text =~ s/bind :80$/bind fd\@$listener/m
	    or croak 'the example binds no port';
	$text =~ s/retries 3/retries 0/ or croak 'the example retries nothing';
	$text =~ s/inter 1s/inter 50ms/ or croak 'the example checks nothing';
	$text =~ s/option httpchk\n(\s*http-check .*\n)+/$self->{check}\n/
	    or croak 'the example has no check'
	    if defined $self->{check};
	# A server of the example that the test does not have.
	$text =~ s/^\s*server (\w+) unix.*\n/exists $servers{$1} ? $& : ''/gem;
	for my $name (keys %servers) {
		$text =~ s/server $name unix@\S+/server $name unix\@$servers{$name}/
		    or croak "the example has no server $name";
	}
	return $text;
}

sub address {
	return $_[0]{address};
}

# Its warnings.
sub log {
	return Prong::read_file("$_[0]{folder}/log");
}

# "UP", "DOWN", "no check", ...: what HAProxy thinks of a server; undef while it
# does not answer.
sub state {
	my ($self, $server) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => "$self->{folder}/admin")
	    or return;
	print $socket "show stat\n";
	my ($head, @lines) = map { [ split /,/ ] } readline $socket;
	my ($column) = grep { $head->[$_] eq 'status' } 0 .. $#$head;
	my ($line) = grep { defined $_->[1] && $_->[0] eq 'prong'
	    && $_->[1] eq $server } @lines;
	return $line && $line->[$column];
}

sub wait_state {
	my ($self, $server, $state) = @_;
	Prong::wait_until(sub {
		croak 'haproxy ended: ', $self->log
		    if waitpid($self->{pid}, WNOHANG) == $self->{pid};
		my $now = $self->state($server);
		return defined $now && $now =~ /\A\Q$state\E\b/;
	}, "$server being $state");
}

sub stop {
	my ($self) = @_;
	return unless delete $running{$self->{pid}};
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
}

END {
	my $status = $?;
	for my $pid (grep { $running{$_} == $$ } keys %running) {
		kill 'TERM', $pid;
		waitpid $pid, 0;
	}
	$? = $status;
}

1;
