# What the kernel tells about a process (proc(5)), for tests of the daemon's
# processes. Nothing here signals one.
#
# SPDX-License-Identifier: ISC
package Prong::Process;
use strict;
use warnings;

use POSIX ();

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or return;
	local $/;
	return scalar <$file>;
}

# State, parent, process group; nothing when there is no such process.
sub stat_of {
	my ($pid) = @_;
	# The name, in brackets, may hold anything.
	my ($rest) = (slurp("/proc/$pid/stat") || '') =~ /\A.*\) (.*)/s
	    or return;
	my @field = split ' ', $rest;
	return { pid => $pid, state => $field[0], parent => $field[1],
	    group => $field[2] };
}

# A process that has ended, and that nobody waited for yet, does not live.
sub lives {
	my ($pid) = @_;
	my $stat = stat_of($pid) or return 0;
	return $stat->{state} !~ /\A[ZX]\z/;
}

sub all {
	opendir my $proc, '/proc' or die "/proc: $!";
	return map { stat_of($_) || () } grep { /\A\d+\z/ } readdir $proc;
}

sub living {
	my ($pid) = @_;
	my @pids = sort { $a <=> $b } map { $_->{pid} }
	    grep { $_->{parent} == $pid && $_->{state} !~ /\A[ZX]\z/ } all();
	return @pids;
}

# Whether its title is still that of the generation that has forked it a moment
# ago: it may become anything.
sub is_unborn {
	my ($pid) = @_;
	my $title = title($pid);
	return 0 if $title !~ /\Aprongd: generation \d+\z/;
	my $stat = stat_of($pid) or return 0;
	return title($stat->{parent}) eq $title;
}

# The title that shows what it is. A process that keeps its parent's, as one that tries
# a plugin does, is waited for in vain.
sub own_title {
	my ($pid) = @_;
	local $Prong::patience = 3;
	eval { Prong::wait_until(sub { !is_unborn($pid) }) } if is_unborn($pid);
	return title($pid);
}

# Processes of a generation beside its connections: "prongd: logs", "prongd:
# generation 1: porter". What has ended since it was listed has no title.
sub is_helper {
	my ($pid) = @_;
	return own_title($pid) =~ /\A(?:prongd: (?:logs|worker \d+|generation \d+: .*))?\z/;
}

# The pids of its children, zombies and helpers not among them; of the former
# with zombies(), of the latter with helpers().
sub children {
	my ($pid) = @_;
	return grep { !is_helper($_) } living($pid);
}

sub helpers {
	my ($pid) = @_;
	return grep { is_helper($_) } living($pid);
}

sub workers {
	my ($pid) = @_;
	return grep { own_title($_) =~ /\Aprongd: worker \d+\z/ } living($pid);
}

sub is_log_process {
	my ($pid) = @_;
	return own_title($pid) eq 'prongd: logs';
}

sub log_process {
	my ($generation) = @_;
	my ($pid) = grep { is_log_process($_) } living($generation);
	return $pid;
}

sub zombies {
	my ($pid) = @_;
	return map { $_->{pid} }
	    grep { $_->{parent} == $pid && $_->{state} eq 'Z' } all();
}

# Zombies of these parents that stay. One that has just ended is a zombie until
# its parent runs.
sub lasting_zombies {
	my @parents = @_;
	my @left;
	eval { Prong::wait_until(sub { !(@left = map { zombies($_) }
	    @parents) }) };
	return @left;
}

# Which of these live on. A process that the kernel ends, because another one has
# ended, runs once more for that.
sub lasting {
	my @pids = @_;
	my @left;
	eval { Prong::wait_until(sub { !(@left = grep { lives($_) } @pids) }) };
	return @left;
}

# It and all below it.
sub tree {
	my ($pid) = @_;
	return ($pid, map { tree($_) } children($pid));
}

sub tree_with_logs {
	my ($pid) = @_;
	return ($pid, map { tree_with_logs($_) } living($pid));
}

sub in_group {
	my ($group) = @_;
	return map { $_->{pid} }
	    grep { $_->{group} == $group && $_->{state} !~ /\A[ZX]\z/ } all();
}

# As ps shows it.
sub title {
	my ($pid) = @_;
	my $title = slurp("/proc/$pid/cmdline");
	return '' unless defined $title;
	$title =~ s/\0+\z//;
	$title =~ tr/\0/ /;
	return $title;
}

sub environment {
	my ($pid) = @_;
	return split /\0/, (slurp("/proc/$pid/environ") || '');
}

# The files of which code is mapped.
sub code {
	my ($pid) = @_;
	my %seen;
	return grep { !$seen{$_}++ }
	    (slurp("/proc/$pid/maps") || '')
	    =~ /^\S+ ..x. \S+ \S+ [1-9]\d* +(.*)$/mg;
}

# Where in a file its mappings of it begin and end: "0-4096", ...
sub mapped {
	my ($pid, $file) = @_;
	return map { /^(\w+)-(\w+) \S+ (\w+) .*\Q$file\E/ ? hex($3) . '-'
	    . (hex($3) + hex($2) - hex($1)) : () }
	    split /\n/, slurp("/proc/$pid/maps") || '';
}

# What is open: number => "socket:[123]", "/dev/null", ...
sub descriptors {
	my ($pid) = @_;
	opendir my $fds, "/proc/$pid/fd" or return;
	return map { my $to = readlink "/proc/$pid/fd/$_";
	    defined $to ? ($_ => $to) : () } grep { /\A\d+\z/ } readdir $fds;
}

# KiB of memory that is its own.
sub private_kib {
	my ($pid) = @_;
	my $rollup = slurp("/proc/$pid/smaps_rollup") || '';
	my $sum = 0;
	$sum += $_ for $rollup =~ /^Private_\w+:\s+(\d+) kB/mg;
	return $sum;
}

# Seconds of processor time: its own, and the kernel's for it.
sub times {
	my ($pid) = @_;
	my ($rest) = (slurp("/proc/$pid/stat") || '') =~ /\A.*\) (.*)/s
	    or return (0, 0);
	my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
	return map { $_ / $ticks } (split ' ', $rest)[11, 12];
}

sub resident_kib {
	return memory_kib(@_, 'VmRSS');
}

# The same without memory that it shares with others; and that alone.
sub unshared_kib {
	return memory_kib(@_, 'RssAnon') + memory_kib(@_, 'RssFile');
}

sub shared_kib {
	return memory_kib(@_, 'RssShmem');
}

# The same for memory that it may write to, and has not given back. The heap of
# a generation counts, also where it is in a file, and no page of it is in use.
sub data_kib {
	return memory_kib(@_, 'VmData');
}

sub memory_kib {
	my ($pid, $kind) = @_;
	my ($kib) = (slurp("/proc/$pid/status") || '') =~ /^$kind:\s+(\d+)/m;
	return $kib || 0;
}

1;
