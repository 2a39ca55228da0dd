# Servers to be measured: each is started with a configuration of our own in a
# temporary folder, on a free port of the loopback, pinned to one core, and is
# ended by its pid. What a whole tree of processes has used of the CPU.
#
# SPDX-License-Identifier: ISC
package Bench;
use strict;
use warnings;

use File::Path ();
use File::Temp ();
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(time sleep);

my $patience = 20;
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my %running;	# pid to name; only what this process started
my $owner = $$;

# An interrupted yardstick leaves nothing behind: END sees to it.
$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 1 };

# perl -c runs this, too, and no END.
our $folder;
unless ($^C) {
	$folder = File::Temp::tempdir('prong-bench-XXXXXX', TMPDIR => 1);
	chmod 0755, $folder or die "chmod $folder: $!";
}

sub write_file {
	my ($name, $text) = @_;
	my $path = "$folder/$name";
	open my $file, '>', $path or die "$path: $!";
	print $file $text;
	close $file or die "$path: $!";
	return $path;
}

sub read_file {
	my ($path) = @_;
	open my $file, '<', $path or return '';
	local $/;
	my $text = <$file>;
	return defined $text ? $text : '';
}

sub cores {
	my @cores = read_file('/proc/cpuinfo') =~ /^processor\s*:/mg;
	return scalar @cores;
}

# taskset of util-linux, where there are two cores to tell apart.
my @path = (split(/:/, $ENV{PATH} || ''), qw(/usr/local/sbin /usr/sbin /sbin
    /usr/bin));

sub find_program {
	my ($name) = @_;
	for (@path) {
		return "$_/$name" if -x "$_/$name" && !-d _;
	}
	return;
}

sub pinned {
	my ($core, @command) = @_;
	my $taskset = find_program('taskset');
	return @command unless $taskset && cores() >= 2;
	return ($taskset, '-c', $core, @command);
}

# A port nobody has now. Another program may take it before its server does; the
# server says so then, and does not start.
sub free_port {
	my $socket = IO::Socket::IP->new(Listen => 1,
	    LocalHost => '127.0.0.1', LocalPort => 0) or die "a port: $@";
	return $socket->sockport;
}

# With a third argument in braces: { enter => sub } is called in the child.
sub spawn {
	my ($name, @command) = @_;
	my $enter = ref $command[0] ? (shift @command)->{enter} : undef;
	my $log = "$folder/$name.log";
	my $pid = fork;
	defined $pid or die "fork: $!";
	unless ($pid) {
		# apache2 ends its whole process group.
		POSIX::setpgid(0, 0);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', $log;
		open STDERR, '>&', \*STDOUT;
		chdir $folder;
		POSIX::_exit(126) unless !$enter || eval { $enter->(); 1 };
		exec @command or POSIX::_exit(127);
	}
	$running{$pid} = $name;
	return ($pid, $log);
}

# Of a process that has been waited for.
sub forget {
	my ($pid) = @_;
	delete $running{$pid};
}

sub accepts {
	my ($address) = @_;
	my ($host, $port) = split /:/, $address;
	return IO::Socket::IP->new(PeerHost => $host, PeerPort => $port);
}

# start($name, $address, @command): without an address the server names its own
# in its log. Returns { name, pid, address } once it accepts connections.
sub start {
	my ($name, $address, @command) = @_;
	return await($name, $address, spawn($name, pinned(0, @command)));
}

# The same of a process that spawn has started.
sub await {
	my ($name, $address, $pid, $log) = @_;
	my $until = time + $patience;
	while (time < $until) {
		my $where = $address;
		($where) = read_file($log) =~ /listening on ([0-9.]+:\d+)/
		    unless $where;
		return { name => $name, pid => $pid, address => $where }
		    if $where && accepts($where);
		if (waitpid($pid, WNOHANG) == $pid) {
			delete $running{$pid};
			last;
		}
		sleep 0.01;
	}
	die "$name does not start: ", read_file($log);
}

sub stop {
	my ($server) = @_;
	my $pid = $server->{pid};
	return unless delete $running{$pid};
	kill 'TERM', $pid;
	my $until = time + $patience;
	while (waitpid($pid, WNOHANG) == 0) {
		if (time > $until) {
			# Its children as well, who would be nobody's then.
			kill 'KILL', map { $_->{pid} } tree($pid);
			waitpid $pid, 0;
			last;
		}
		sleep 0.01;
	}
}

# Parent and CPU time of a process: microseconds of its own, and of its children
# that have ended. Its own come from schedstat: stat counts hundredths of a
# second, and of many processes each would lose what it has below that.
sub stat_of {
	my ($pid) = @_;
	# The name, in brackets, may hold anything.
	my ($rest) = read_file("/proc/$pid/stat") =~ /\A.*\) (.*)/s or return;
	my @field = split ' ', $rest;
	my ($own) = read_file("/proc/$pid/schedstat") =~ /\A(\d+)/;
	$own = defined $own ? $own / 1000
	    : ($field[11] + $field[12]) * 1e6 / $ticks;
	return { pid => $pid, parent => $field[1],
	    us => $own + ($field[13] + $field[14]) * 1e6 / $ticks };
}

sub tree {
	my ($root) = @_;
	opendir my $proc, '/proc' or die "/proc: $!";
	my %of;
	for my $pid (grep { /\A\d+\z/ } readdir $proc) {
		my $stat = stat_of($pid) or next;
		push @{$of{$stat->{parent}}}, $stat;
	}
	my @found = stat_of($root) || ();
	for (my $i = 0; $i < @found; $i++) {
		push @found, @{$of{$found[$i]{pid}} || []};
	}
	return @found;
}

# Microseconds of CPU that the server has used. A process that ends between two reads
# would be counted twice or not at all, so the tree has to be at rest.
sub cpu_us {
	my ($server) = @_;
	my $before = '';
	my $until = time + 2;
	while (1) {
		my @tree = tree($server->{pid});
		my $sum = 0;
		$sum += $_->{us} for @tree;
		my $now = join ' ', int $sum, map { $_->{pid} } @tree;
		return $sum if $now eq $before || time > $until;
		$before = $now;
		sleep 0.02;
	}
}

sub stop_all {
	stop({ pid => $_ }) for keys %running;
}

END {
	my $status = $?;
	if ($owner == $$) {
		stop_all();
		File::Path::remove_tree($folder);
	}
	$? = $status;
}

1;
