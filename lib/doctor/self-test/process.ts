import { survey } from '../../drivers/survey';
import { ThalwegError } from '../../base/errors';
import type { Answer, Failure, Message, Question, Stage } from '../../drivers/probe/questions';
import { trial } from './trial';

// The program of a probe: answers the question in its argument to the process that forked it.

async function answer(question: Question, enter: (stage: Stage) => void): Promise<Answer<Question>> {
  switch (question.ask) {
    case 'fit':
      return await trial(question.device, enter);
    case 'check': {
      enter('opening');
      const { runCheck } = await import('../../check/run.js');
      await runCheck(question, (event) => {
        if ('opened' in event) enter('checking');
        send({ event });
      });
      return 'checked';
    }
    case 'survey':
      enter('asking');
      return await survey(question.backend);
  }
}

function send(message: Message): void {
  process.send?.(message);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof ThalwegError)) return { message: String(error) };
  const { code, message, option, log } = error;
  return {
    code,
    message,
    ...(option === undefined ? {} : { option }),
    ...(log === undefined ? {} : { log }),
  };
}

// Without its parent it has nobody to answer, and a driver that hangs lets no orderly exit through.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

answer(JSON.parse(process.argv[2] ?? '') as Question, (stage) => {
  send({ stage });
}).then(
  (found) => {
    send({ answer: found });
  },
  (error: unknown) => {
    send({ failure: failureOf(error) });
  },
);
