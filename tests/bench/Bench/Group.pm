# The processes of a server, and what they have used together: in a control
# group of their own (version 1 or 2) where this machine lets us make one, else
# the tree below the first process.
#
# SPDX-License-Identifier: ISC
package Bench::Group;
use strict;
use warnings;

use Time::HiRes qw(time sleep);

use Bench;

# Work that goes on after the last response is waited for, up to this time. A
# server at rest uses less than this share of a core.
my $rest_seconds = 2;
my $rest_look = 0.03;
my $rest_share = 0.02;

my $owner = $$;
my %made;	# folders of control groups

# The folder below which groups can be made, and the kind; or nothing.
sub find_hierarchy {
	my $own = Bench::read_file('/proc/self/cgroup');
	my $mounts = Bench::read_file('/proc/self/mounts');
	for my $mount ($mounts =~ /^(.*)$/mg) {
		my (undef, $path, $type, $options) = split ' ', $mount;
		my $kind = $type eq 'cgroup'
		    && ",$options," =~ /,cpuacct,/ ? 'cpuacct'
		    : $type eq 'cgroup2' ? 'cpu.stat' : next;
		my ($where) = $kind eq 'cpuacct'
		    ? $own =~ /^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m
		    : $own =~ /^0::(.*)$/m;
		my $folder = $path . ($where // '/');
		$folder =~ s{/\z}{};
		my $name = $kind eq 'cpuacct' ? 'cpuacct.usage' : 'cpu.stat';
		my $try = "$folder/prong-bench-$$";
		next unless mkdir $try;
		my $is_there = -e "$try/$name";
		rmdir $try;
		return ($folder, $kind) if $is_there;
	}
	return;
}

my ($hierarchy, $kind) = find_hierarchy();

# How processor time is measured, for the report.
sub method {
	return $kind ? "control group ($kind)" : 'sum over /proc';
}

sub new {
	my ($class, $name) = @_;
	my $self = bless { pids => [] }, $class;
	return $self unless $hierarchy;
	(my $file = $name) =~ tr/ /-/;
	my $folder = "$hierarchy/prong-bench-$$-$file";
	mkdir $folder or die "$folder: $!";
	$made{$folder} = 1;
	$self->{folder} = $folder;
	return $self;
}

# In the child that becomes the server.
sub enter {
	my ($self) = @_;
	my $folder = $self->{folder} or return;
	open my $file, '>', "$folder/cgroup.procs" or die "$folder: $!";
	print $file "$$\n";
	close $file or die "$folder: $!";
}

# A first process that the parent has started in the group.
sub add {
	my ($self, $pid) = @_;
	push @{$self->{pids}}, $pid;
}

sub processes {
	my ($self) = @_;
	return split ' ', Bench::read_file("$self->{folder}/cgroup.procs")
	    if $self->{folder};
	return map { $_->{pid} } map { Bench::tree($_) } @{$self->{pids}};
}

sub used_us {
	my ($self) = @_;
	my $folder = $self->{folder};
	unless ($folder) {
		my $sum = 0;
		$sum += $_->{us} for map { Bench::tree($_) } @{$self->{pids}};
		return $sum;
	}
	return Bench::read_file("$folder/cpuacct.usage") / 1e3
	    if $kind eq 'cpuacct';
	my ($us) = Bench::read_file("$folder/cpu.stat") =~ /^usage_usec (\d+)/m;
	return $us;
}

# Microseconds of processor time so far, once the server is at rest.
sub cpu_us {
	my ($self) = @_;
	my $until = time + $rest_seconds;
	my $before = $self->used_us;
	while (time < $until) {
		sleep $rest_look;
		my $now = $self->used_us;
		my $is_at_rest = $now - $before < $rest_share * $rest_look * 1e6;
		$before = $now;
		last if $is_at_rest;
	}
	return $before;
}

# KiB of memory of all processes; what they share counts once.
sub memory_kb {
	my ($self) = @_;
	my $sum = 0;
	for my $pid ($self->processes) {
		my ($kb) = Bench::read_file("/proc/$pid/smaps_rollup")
		    =~ /^Pss:\s+(\d+)/m;
		$sum += $kb || 0;
	}
	return $sum;
}

# When the server has ended. What is left of it in the group is ended, too.
sub remove {
	my ($self) = @_;
	my $folder = $self->{folder} or return;
	remove_folder($folder);
	delete $self->{folder};
}

sub remove_folder {
	my ($folder) = @_;
	my $until = time + 5;
	until (rmdir $folder) {
		kill 'KILL', split ' ',
		    Bench::read_file("$folder/cgroup.procs");
		if (time > $until) {
			warn "$folder: $!\n";
			last;
		}
		sleep 0.01;
	}
	delete $made{$folder};
}

END {
	my $status = $?;
	if ($owner == $$) {
		Bench::stop_all();
		remove_folder($_) for keys %made;
	}
	$? = $status;
}

1;
