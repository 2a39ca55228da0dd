# A filesystem in user space that hangs: it has one file, whose content can be
# read, but whose FLUSH is never answered; and the name "late", whose LOOKUP is not. So a process that has the file open
# cannot end, not even by SIGKILL, as long as this filesystem lives. See
# linux/fuse.h for the protocol.
#
# SPDX-License-Identifier: ISC
package Prong::Fuse;
use strict;
use warnings;

use Config;
use Fcntl qw(O_RDWR);
use POSIX ();

my %opcode = (LOOKUP => 1, FORGET => 2, GETATTR => 3, OPEN => 14, READ => 15,
    RELEASE => 18, FLUSH => 25, INIT => 26, OPENDIR => 27, RELEASEDIR => 29,
    INTERRUPT => 36, BATCH_FORGET => 42);
my %name_of = reverse %opcode;

my $text = "hangs\n";
my $file = 2;	# its node; the folder is 1

# struct fuse_attr
sub attributes {
	my ($node) = @_;
	return pack 'Q6L3L7', $node, $node == $file ? length $text : 0,
	    (0) x 4, (0) x 3, $node == $file ? 0100644 : 040755, 1, (0) x 5;
}

# What is answered to a request: an error and octets; nothing for none.
my %answers = (
	INIT => sub { return 0, pack 'L2L2S2L2S2L8', 7, 31, 4096, 0, 1, 1,
	    4096, 1, 0, 0, (0) x 8 },
	LOOKUP => sub {
		my ($node, $rest) = @_;
		return if $rest eq "late\0";
		return -POSIX::ENOENT() unless $rest eq "file\0";
		return 0, pack('Q4L2', $file, 0, 0, 0, 0, 0)
		    . attributes($file);
	},
	GETATTR => sub { return 0, pack('QL2', 0, 0, 0)
	    . attributes($_[0]) },
	OPEN => sub { return 0, pack 'QL2', 0, 0, 0 },
	OPENDIR => sub { return 0, pack 'QL2', 0, 0, 0 },
	READ => sub {
		my ($offset) = unpack 'x8Q', $_[1];
		return 0, $offset < length $text ? substr($text, $offset) : '';
	},
	RELEASE => sub { return 0, '' },
	RELEASEDIR => sub { return 0, '' },
	(map { $_ => sub { return } } qw(FORGET BATCH_FORGET INTERRUPT FLUSH)),
);

# Until the kernel ends the filesystem. A line to $tell for each FLUSH.
sub serve {
	my ($device, $tell) = @_;
	while (1) {
		my $got = sysread $device, my $request, 65536;
		next if !defined $got && ($!{EINTR} || $!{ENOENT});
		return if !$got;
		my (undef, $operation, $unique, $node) =
		    unpack 'L2Q2', $request;
		my $name = $name_of{$operation} || '';
		syswrite $tell, "flush\n" if $name eq 'FLUSH';
		my ($error, $octets) = $answers{$name}
		    ? $answers{$name}->($node, substr $request, 40)
		    : (-POSIX::ENOSYS());
		next unless defined $error;
		$octets //= '';
		syswrite $device, pack('LlQ', 16 + length $octets, $error,
		    $unique) . $octets;
	}
}

# The reason why there can be none here; '' if there can.
sub missing {
	return 'only root mounts' if $> != 0;
	return 'the test knows the calls of x86_64 alone'
	    unless $Config{archname} =~ /x86_64/;
	return 'there is no /dev/fuse' unless -c '/dev/fuse';
	return '';
}

# Mounts it at that folder; undef and $! if that is not possible.
sub mount {
	my ($class, $folder) = @_;
	sysopen my $device, '/dev/fuse', O_RDWR or return;
	my $options = sprintf 'fd=%d,rootmode=40000,user_id=0,group_id=0,'
	    . 'allow_other', fileno $device;
	my ($source, $type) = ('prong-test', 'fuse');
	# mount(2), with MS_NOSUID and MS_NODEV
	syscall(165, $source, $folder, $type, 6, $options) == 0 or return;
	pipe my $reader, my $tell or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		CORE::close $reader;
		serve($device, $tell);
		POSIX::_exit(0);
	}
	CORE::close $device;
	return bless { folder => $folder, pid => $pid, reader => $reader },
	    $class;
}

# Waits until a process is kept by a FLUSH.
sub wait_flush {
	my ($self) = @_;
	return defined readline $self->{reader};
}

# Ends the filesystem, and with it all that it keeps.
sub end {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	# umount2(2), with MNT_DETACH
	syscall 166, my $folder = $self->{folder}, 2;
	return;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $!);
	$self->end;
	return;
}

1;
