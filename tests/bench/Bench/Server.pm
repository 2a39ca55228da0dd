# A peer that runs: its processes in a group of their own, from its start to its
# end.
#
# SPDX-License-Identifier: ISC
package Bench::Server;
use strict;
use warnings;

use POSIX qw(WNOHANG);
use Time::HiRes qw(time sleep);

use Bench;
use Bench::Group;
use Bench::Peers;

my $patience = 60;
my $counter = 0;

# { root, places, clients, log } of a run: the folder to serve, the connections
# that the server has to hold and those that are expected, and whether it logs.
sub prepare {
	my ($class, $peer, %run) = @_;
	my $folder = "$Bench::folder/run" . ++$counter;
	mkdir $folder or die "$folder: $!";
	Bench::Peers::give($folder);
	$run{log} = "$folder/access.log" if $run{log};
	@run{qw(folder port)} = ($folder, Bench::free_port());
	(my $name = $peer->{name}) =~ tr/ /-/;
	my $self = bless { peer => $peer, run => \%run,
	    name => "$name-$counter", address => "127.0.0.1:$run{port}",
	    group => Bench::Group->new("$name-$counter") }, $class;
	$self->{config} = Bench::Peers::configure($peer, \%run);
	$self->start_beside;
	return $self;
}

sub spawn {
	my ($self, $name, @command) = @_;
	my $group = $self->{group};
	my ($pid, $log) = Bench::spawn($name,
	    { enter => sub { $group->enter } }, @command);
	$group->add($pid);
	return ($pid, $log);
}

sub start_beside {
	my ($self) = @_;
	my @beside = Bench::Peers::command_beside($self->{peer}) or return;
	($self->{beside}) = $self->spawn("$self->{name}-beside", @beside);
	my $until = time + $patience;
	until (-S $beside[1]) {
		die "$beside[0] does not start\n" if time > $until;
		sleep 0.01;
	}
}

sub launch {
	my ($self) = @_;
	@$self{qw(pid log)} = $self->spawn($self->{name},
	    Bench::Peers::command($self->{peer}, $self->{run},
	    $self->{config}));
}

# A server that serves.
sub start {
	my ($class, $peer, %run) = @_;
	my $self = $class->prepare($peer, %run);
	$self->launch;
	$self->wait_content('/generation', 1);
	return $self;
}

# One request on a connection of its own: the content of a 200, or undef.
sub content {
	my ($self, $path) = @_;
	my $socket = Bench::accepts($self->{address}) or return;
	syswrite $socket, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
	    . "Connection: close\r\n\r\n" or return;
	my $got = '';
	while (sysread $socket, $got, 65536, length $got) {
	}
	my ($head, $content) = split /\r\n\r\n/, $got, 2;
	return unless defined $content && $head =~ m{\AHTTP/1.1 200 };
	return $content;
}

sub die_if_ended {
	my ($self) = @_;
	return unless waitpid($self->{pid}, WNOHANG) > 0;
	Bench::forget($self->{pid});
	die "$self->{name} has ended: ", Bench::read_file($self->{log});
}

# Until the path has that content. Looks are rarer the longer it takes, so that
# they cost the server little; the time is right to a twentieth.
sub wait_content {
	my ($self, $path, $expected) = @_;
	my $begin = time;
	while ((my $elapsed = time - $begin) < $patience) {
		my $got = $self->content($path);
		return if defined $got && $got eq $expected;
		$self->die_if_ended;
		sleep($elapsed > 0.01 ? $elapsed / 20 : 0.0005);
	}
	die "$self->{name} does not serve $path: ",
	    Bench::read_file($self->{log});
}

# With another folder, by the signal of the peer.
sub reload {
	my ($self, $root) = @_;
	$self->{run}{root} = $root;
	Bench::Peers::configure($self->{peer}, $self->{run});
	kill $self->{peer}{reload}, $self->{pid};
}

sub stop {
	my ($self) = @_;
	Bench::stop({ pid => $_ }) for grep { $_ } @$self{qw(pid beside)};
	$self->{group}->remove;
	unlink "$Bench::folder/fcgi.sock";
}

sub name {
	return $_[0]{name};
}

sub group {
	return $_[0]{group};
}

sub address {
	return $_[0]{address};
}

1;
