# The system calls of the server, where it makes them, and the errors that they
# can have: those of their manual pages, without those that tell of a wrong
# argument of the caller (EBADF, EFAULT), or of what the kernel knows to be false
# (ECHILD of a parent, EAGAIN without end of a socket that poll(2) calls ready).
#
#	Prong::Errnos::rows()		[ PLACE, ERRNO, CALL ] for all of them
#	Prong::Errnos::is_known(CALL)	whether the table has the call
#
# Every call is also refused with EPERM, ENOSYS and EIO.
#
# SPDX-License-Identifier: ISC
package Prong::Errnos;
use strict;
use warnings;

# What each place means is said in tests/plugins/refuse.c.
my %places = (
	s => 'start',		# all processes from their start
	g => 'generation',	# a generation from its start, and all from it
	G => 'generation, late',	# a generation that serves
	f => 'fork',		# helpers and connections
	F => 'fork, late',	# connections
	m => 'master, late',	# the master that serves, and all from it
	o => 'once',		# prongd --once
);

# Call, places, errors. "~" before an error: every second call fails with it,
# as it happens with signals; else all calls fail. No place: not tried, for the
# reason behind "#".
my $table = <<'TABLE';
accept4			sgGm	EACCES ECONNABORTED EINVAL EMFILE ENFILE ENETDOWN ENOBUFS ENOMEM EOPNOTSUPP ~EAGAIN ~ECONNABORTED ~EINTR
access			-	# of the program loader
alarm			gfF
arch_prctl		-	# of the program loader
bind			s	EACCES EADDRINUSE EADDRNOTAVAIL EINVAL ENOENT ENOMEM EROFS
brk			gGfFm	ENOMEM
capset			sgfo	EINVAL ESRCH
chdir			sg	EACCES ENOENT
chmod			s	EACCES ENOENT EROFS
clock_nanosleep		sgfo	EINVAL
clone			sgGfFmo	EAGAIN EINVAL ENOMEM ENOSPC
clone3			sgGfFmo	EAGAIN EINVAL ENOMEM ENOSPC
close			gGfFm	ENOSPC
close_range		sgGfFo	EINVAL EMFILE ENOMEM
connect			sm	EACCES EAGAIN ECONNREFUSED ENOENT EADDRNOTAVAIL ETIMEDOUT
dup			sgm	EMFILE
dup2			gGfFm	EBUSY EMFILE ~EBUSY ~EINTR
dup3			sgf	EBUSY EINVAL EMFILE
epoll_create1		s	EMFILE ENFILE ENOMEM
epoll_ctl		s	ENOMEM ENOSPC
execve			-	# before the server runs
execveat		gGfFm	E2BIG EACCES EAGAIN EINVAL ELOOP EMFILE ENOENT ENOEXEC ENOMEM ETXTBSY
exit_group		-	# has no error
faccessat2		so	EACCES EINVAL ENOENT
fchdir			sgo	EACCES
fcntl			gGfFm	EAGAIN EINVAL EMFILE ENOLCK
ftruncate		sgo	EFBIG EINVAL ~EINTR
futex			gGfFm	EAGAIN EINVAL ENOMEM ETIMEDOUT ~EAGAIN ~EINTR
getdents64		sgGfFo	EINVAL ENOTDIR
getegid			sm
geteuid			sgGfFmo
getgroups		sm	EINVAL
getitimer		sgfo	EINVAL
getpeername		sgGfFo	ENOBUFS ENOTCONN ENOTSOCK
getpid			gGfFm
getppid			gGfFm
getrandom		sgGfFmo	EAGAIN
getresgid		sgfo
getresuid		sgfo
getsockname		gGm	ENOBUFS ENOTSOCK
getsockopt		sgGfFmo	ENOPROTOOPT ENOTSOCK
gettid			gfF
ioctl			so	ENOTTY
kill			sgGfF	EINVAL ESRCH
landlock_add_rule	sgo	EINVAL ENOMSG EOPNOTSUPP
landlock_create_ruleset	sgo	EINVAL EOPNOTSUPP
landlock_restrict_self	sgGfFo	E2BIG EINVAL EOPNOTSUPP
listen			s	EADDRINUSE EOPNOTSUPP
lseek			gGfFm	EINVAL EOVERFLOW ESPIPE
madvise			sgGo	EAGAIN EINVAL ENOMEM
memfd_create		sgGfFmo	EINVAL EMFILE ENFILE ENOMEM
mkdir			s	EACCES EEXIST ENOSPC EROFS
mmap			gGfFm	EACCES EAGAIN EINVAL ENFILE ENODEV ENOMEM
mprotect		gGfFm	EACCES EINVAL ENOMEM
munmap			gGfFm	EINVAL ENOMEM
newfstatat		gGfFm	EACCES ELOOP ENOENT ENOMEM ENOTDIR
openat			gGfFm	EACCES ELOOP EMFILE ENFILE ENOENT ENOMEM ENOSPC ENOTDIR EROFS ETXTBSY
openat2			sgGfFmo	E2BIG EACCES EAGAIN EINVAL ELOOP EMFILE ENFILE ENOENT ENOMEM EXDEV ~EAGAIN ~EINTR
pidfd_open		sg	EINVAL EMFILE ENFILE ENODEV ENOMEM ESRCH
pipe2			sgGfFo	EMFILE ENFILE
poll			sgGfFmo	EINVAL ENOMEM ~EINTR
ppoll			sgGfFmo	EINVAL ENOMEM ~EINTR
prctl			sgGfFmo	EACCES EINVAL
pread64			gGfFm	EINVAL ENXIO EISDIR
preadv2			sgGfFo	EAGAIN EINVAL EOPNOTSUPP
prlimit64		sgGfFmo	EINVAL ESRCH
pwrite64		sgGo	EFBIG ENOSPC
pwritev2		sgGfFmo	EAGAIN EFBIG EINVAL ENOSPC EOPNOTSUPP EPIPE
read			gGfFm	EAGAIN EINVAL EISDIR ~EINTR
readlink		gGfFm	EACCES ENOENT
readlinkat		sm	EACCES EINVAL ENOENT
recvfrom		sgGfFmo	ECONNREFUSED ENOMEM ENOTCONN ECONNRESET ~EAGAIN ~EINTR
recvmsg			sgGfFmo	EMFILE ENOMEM ENOTCONN ~EAGAIN ~EINTR
restart_syscall		-	# the kernel goes on with a wait by it
rseq			-	# of the program loader
rt_sigaction		gGfFm	EINVAL
rt_sigprocmask		gGfFm	EINVAL
rt_sigreturn		-	# has no error
rt_sigtimedwait		sgGfFm	EAGAIN EINVAL ~EINTR
sched_yield		gG
seccomp			sgGfFo	EACCES EINVAL ENOMEM EOPNOTSUPP ESRCH
sendfile		sgGfFo	EINVAL ENOMEM EOVERFLOW ESPIPE ~EAGAIN ~EINTR
sendmsg			sgGfFmo	EACCES ECONNRESET EMSGSIZE ENOBUFS ENOMEM EPIPE ~EAGAIN ~EINTR
sendto			sgGfFmo	ECONNRESET ENOBUFS ENOMEM EPIPE ~EAGAIN ~EINTR
set_robust_list		-	# of the program loader
set_tid_address		-	# of the program loader
setgid			sgfo	EINVAL
setgroups		sgfo	EINVAL ENOMEM
setitimer		sgfmo	EINVAL
setpgid			sgGfF	EACCES EINVAL ESRCH
setresgid		sgfo	EAGAIN EINVAL
setresuid		sgfo	EAGAIN EINVAL
setsockopt		so	ENOPROTOOPT ENOTSOCK
setuid			sgfo	EAGAIN EINVAL
shutdown		sgGfFo	EINVAL ENOTCONN ENOTSOCK
sigaltstack		sgGfFo	EINVAL ENOMEM
socket			sgm	EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS EPROTONOSUPPORT
socketpair		sgGfFmo	EAFNOSUPPORT EMFILE ENFILE EOPNOTSUPP
statx			sgGfFmo	EACCES EINVAL ENOENT ENOMEM
sysinfo			sgfo
tgkill			gfF	EAGAIN EINVAL ESRCH
timer_create		sgfFo	EAGAIN EINVAL ENOMEM
timer_settime		sgfFo	EINVAL
umask			sgfm
unlinkat		sm	EACCES EBUSY ENOENT EROFS
wait4			sgGfFm	~EINTR
waitid			sgGf
write			gGfFm	EAGAIN EFBIG ENOSPC EPIPE ~EINTR
writev			gGfFm	EAGAIN EFBIG ENOSPC EPIPE ~EINTR
TABLE

my %row_of;
for (split /\n/, $table) {
	my ($call, $at, @errnos) = split ' ', s/#.*//r;
	$row_of{$call} = { at => [ grep { $_ ne '-' } split //, $at ],
	    errnos => \@errnos };
}

# The errors that need no manual page come first.
sub rows {
	my @rows;
	for my $call (sort keys %row_of) {
		for my $place (@{ $row_of{$call}{at} }) {
			push @rows, [ $places{$place}, $_, $call ]
			    for qw(EPERM ENOSYS EIO), @{ $row_of{$call}{errnos} };
		}
	}
	return @rows;
}

sub is_known {
	my ($call) = @_;
	return exists $row_of{$call};
}

1;
