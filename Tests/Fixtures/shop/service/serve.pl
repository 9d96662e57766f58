# The smallest service that can be deployed: answers /health and everything else with its text.
use strict; use warnings; use IO::Socket::INET;
$| = 1; $SIG{TERM} = sub { exit 0 }; $SIG{PIPE} = 'IGNORE';
open my $file, '<', '/answer.txt' or die; my $answer = do { local $/; <$file> }; chomp $answer;
if ($answer =~ /broken/) { print "this version cannot start: broken\n"; exit 1 }
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 64, ReuseAddr => 1) or die "no port: $!";
print "serving '$answer' on $ENV{PORT}\n";
while (my $client = $server->accept) {
    my $line = <$client> // '';
    while (my $header = <$client>) { last if $header =~ /^\r?\n$/ }
    my $status = $line =~ m{ /health} && $answer =~ /sick/ ? '500 Sick' : '200 OK';
    my $body = "{\"answer\": \"$answer\", \"release\": \"" . ($ENV{SHIPIT_RELEASE} // '') . "\"}\n";
    print $client "HTTP/1.1 $status\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
