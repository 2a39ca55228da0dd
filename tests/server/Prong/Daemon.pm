# A daemon under test, on a port that the kernel chose. Its standard error is a
# file, so that it never waits for the test to read on.
#
# SPDX-License-Identifier: ISC
package Prong::Daemon;
use strict;
use warnings;

use Carp qw(croak);
use JSON::PP ();
use POSIX qw(WNOHANG);
use Test::More ();

my %running;	# by pid; only what this process started
my $count = 0;

# start($config, @arguments, { ... }), without a configuration undef: returns when it listens, dies with its log
# when it does not. The hash may be left out; it has "sockets" and "names" to be
# passed as a service manager does, handles for its standard "output" and
# "errors", and the path of the "log" where that is not its standard error.
sub start {
	my $self = launch(@_);
	$self->await_ready;
	return $self;
}

# The same without the waiting.
sub launch {
	my $options = ref $_[-1] eq 'HASH' ? pop : {};
	my ($class, $config, @arguments) = @_;
	my $log = Prong::folder() . sprintf '/log%d.%d', $$, ++$count;
	open my $null, '+<', '/dev/null' or die "/dev/null: $!";
	open my $err, '>>', $log or die "$log: $!";
	open my $out, '>>', "$log.out" or die "$log.out: $!";
	my $self = bless { log_path => $options->{log} || $log, owner => $$,
	    control => Prong::folder() . sprintf '/control%d.%d', $$, $count },
	    $class;
	my ($at) = grep { $arguments[$_] eq '--control' } 0 .. $#arguments;
	$self->{control} = $arguments[$at + 1] if defined $at;
	unshift @arguments, '--control', $self->{control} unless defined $at;
	$self->{pid} = Prong::spawn($null, $options->{output} || $out,
	    $options->{errors} || $err,
	    defined $config ? ('-c', $config) : (), @arguments, $options);
	$running{$self->{pid}} = $self;
	return $self;
}

sub await_ready {
	my ($self) = @_;
	my $ready = eval { $self->wait_log(qr{generation \d+ is ready}) };
	croak "prongd does not start: $@" . $self->log unless $ready;
	$self->addresses or croak 'prongd names no address: ', $self->log;
	return;
}

sub pid {
	return $_[0]{pid};
}

# Where prong(1) finds it.
sub control {
	return $_[0]{control};
}

# Runs prong(1) on it: a hash as of Prong::prongd.
sub prong {
	my ($self, @arguments) = @_;
	return Prong::prong('-s', $self->{control}, @arguments);
}

# What prong(1) tells about it.
sub status {
	my ($self) = @_;
	my $run = $self->prong('--json', 'status');
	croak "prong status: $run->{errors}" if $run->{status} != 0;
	return JSON::PP::decode_json($run->{output});
}

# How many connections it has, of all generations, in processes of their own and
# in workers.
sub connections {
	my ($self) = @_;
	my $sum = 0;
	$sum += $_->{connections} // 0 for @{ $self->status->{generations} };
	return $sum;
}

# All that was written to its standard error, and output, so far.
sub log {
	return -e $_[0]{log_path} ? Prong::read_file($_[0]{log_path}) : '';
}

sub output {
	return Prong::read_file("$_[0]{log_path}.out");
}

# Waits for a line in the log; the match's first group, or 1.
sub wait_log {
	my ($self, $pattern) = @_;
	my $found;
	Prong::wait_until(sub {
		my $log = $self->log;
		return $found = defined $1 ? $1 : 1 if $log =~ $pattern;
		die "prongd ended\n" unless $self->alive;
		return;
	}, "$pattern in the log");
	return $found;
}

# A test that the log has it, if not yet, then soon: lines of connections and of
# generations are some 100 ms late, more on a busy machine.
sub log_like {
	my ($self, $pattern, $title) = @_;
	eval { $self->wait_log($pattern) };
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return Test::More::like($self->log, $pattern, $title);
}

sub alive {
	my ($self) = @_;
	return 0 if defined $self->{status};
	return 1 unless waitpid($self->{pid}, WNOHANG) == $self->{pid};
	$self->{status} = $?;
	delete $running{$self->{pid}};
	return 0;
}

# Where it listens: "127.0.0.1:41234", ...
sub addresses {
	my ($self) = @_;
	my %seen;
	return grep { !$seen{$_}++ } $self->log
	    =~ /listening (?:on|at) (unix:[^\s,;]+|[0-9.]+:\d+|\[[^\]\s]+\]:\d+)/g;
}

sub address {
	my ($self) = @_;
	return $self->{address} ||= ($self->addresses)[0];
}

sub port {
	my ($self) = @_;
	return $self->address =~ /:(\d+)\z/ ? $1 : undef;
}

# A connection, to its first address unless another is told: see Prong::Client.
sub connect {
	my ($self, $address, $from) = @_;
	return Prong::Client->new($address || $self->address, $from);
}

# Waits until nobody can connect to it any more. A generation that drains closes its
# listener once no connection waits there, so each attempt is later than the one
# before.
sub wait_closed {
	my ($self) = @_;
	my $pause = 0.01;
	Prong::wait_until(sub {
		return 1 unless eval { $self->connect };
		select undef, undef, undef, $pause;
		$pause *= 2 if $pause < 1;
		return;
	}, 'the end of its listener');
	return;
}

# One request on a connection of its own.
sub request {
	my ($self, $method, $target, $fields, $body) = @_;
	my $answer = $self->connect->request($method, $target,
	    [ @{$fields || []}, 'Connection: close' ], $body);
	return $answer;
}

sub get {
	my ($self, $target, @fields) = @_;
	return $self->request('GET', $target, \@fields);
}

sub kill {
	my ($self, $signal) = @_;
	return $self->alive && CORE::kill $signal, $self->{pid};
}

# Ends it with SIGTERM (or another signal) and waits; its exit status, or
# "signal N". One that does not end is killed, and the test dies.
sub stop {
	my ($self, $signal) = @_;
	$self->kill($signal || 'TERM');
	return $self->wait;
}

# Waits for its end; as stop.
sub wait {
	my ($self) = @_;
	unless (eval { Prong::wait_until(sub { !$self->alive }) }) {
		$self->kill('KILL');
		waitpid $self->{pid}, 0;
		delete $running{$self->{pid}};
		croak 'prongd does not stop: ', $self->log;
	}
	return $self->{status} & 127 ? 'signal ' . ($self->{status} & 127)
	    : $self->{status} >> 8;
}

sub stop_all {
	for my $self (values %running) {
		eval { $self->stop } if $self->{owner} == $$;
	}
}

1;
